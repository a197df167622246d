import SaltireCore

extension MeasuredCurve {
  /// The first line of a curve as sessions record it.
  private static let mark = "# saltire curve 1"

  /// The curve as a session records it: independent of how its file was written.
  package var record: String {
    let unit = unit.isEmpty ? "" : " [\(unit)]"
    var lines = [Self.mark, "# \(summary.shownOnOneLine)", "cycle,up\(unit),down\(unit)"]
    for (number, cycle) in cycles.enumerated() {
      for place in 0..<max(cycle.up.count, cycle.down.count) {
        let reads = [cycle.up, cycle.down].map { $0.element(at: place)?.description ?? "" }
        lines.append("\(number + 1),\(reads.joined(separator: ","))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads what a session recorded: a ``record`` or, in earlier sessions, the file itself, which
  /// had one up and one down read in each line. What was accepted then is not checked again.
  ///
  /// - Throws: `MeasuredCurveError` for any other text.
  package init(recorded text: String, file: String) throws(MeasuredCurveError) {
    let isRecord = text.hasPrefix(Self.mark)
    let table = try CurveTable(text, file: file, decimal: .point)
    var cycles: [Cycle] = []
    var number: Double?
    for row in table.rows {
      func read(_ column: Int) -> Double? { row.cells.element(at: column)?.number }
      if cycles.isEmpty || isRecord && read(0) != number { cycles.append(Cycle(up: [], down: [])) }
      number = read(0)
      let reads = isRecord ? (up: read(1), down: read(2)) : (up: read(0), down: read(1))
      guard isRecord || reads.up != nil && reads.down != nil else {
        throw table.error("expected two numbers separated by a comma", row, 0)
      }
      if let read = reads.up { cycles[cycles.count - 1].up.append(read) }
      if let read = reads.down { cycles[cycles.count - 1].down.append(read) }
    }
    let unit = isRecord ? CurveColumn(1, of: table).unit?.unit.rawValue ?? "" : ""
    try self.init(
      cycles, unit: unit,
      origin: Origin(
        file: file, separator: "as recorded", up: "column 1", down: "column 2",
        lines: (table.rows.first?.line ?? 1)...(table.rows.last?.line ?? 1)))
  }
}

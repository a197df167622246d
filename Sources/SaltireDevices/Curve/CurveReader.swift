import SaltireCore

/// Reads of one direction or of both, as they stand in a file, in the unit of the curve.
struct CurveReads {
  var values: [Double] = []
  /// The row of each value in the table.
  var rows: [CurveTable.Row] = []

  subscript(part: Range<Int>) -> CurveReads {
    let part = part.clamped(to: values.indices)
    return CurveReads(values: Array(values[part]), rows: Array(rows[part]))
  }
}

/// Makes a curve of the table in a file: finds what each column holds, and asks where the file
/// allows several answers.
struct CurveReader {
  typealias Remedy = MeasuredCurveError.Remedy

  let table: CurveTable
  let format: CurveFormat
  let columns: [CurveColumn]
  /// The rows of the device.
  var rows: [CurveTable.Row]
  var device: String?
  var remarks: [String] = []

  init(
    _ text: String, file: String, format: CurveFormat
  ) throws(MeasuredCurveError) {
    table = try CurveTable(text, file: file, decimal: format.decimal)
    self.format = format
    let table = table
    columns = (0..<table.width).map { CurveColumn($0, of: table) }
    rows = table.rows
    try selectDevice()
  }

  func fault(_ message: String, _ remedies: [Remedy] = []) -> MeasuredCurveError {
    MeasuredCurveError(file: table.file, message: message, remedies: remedies)
  }

  // MARK: Columns

  /// The columns that the user named for a role; empty if none.
  func named(_ role: CurveFormat.Role) throws(MeasuredCurveError) -> [CurveColumn] {
    var found: [CurveColumn] = []
    for name in format.columns[role] ?? [] {
      let column =
        columns.first { $0.name == name }
        ?? columns.first { $0.name.lowercased() == name.lowercased() }
        ?? columns.first { String($0.index + 1) == name }
      guard let column else {
        throw fault("the file has no column '\(name)'; it has \(listing)")
      }
      found.append(column)
    }
    return found
  }

  /// All columns, for messages.
  var listing: String {
    let shown = columns.prefix(5).map(\.summary).joined(separator: "; ")
    return columns.count > 5 ? "\(shown); … \(columns.count) columns" : shown
  }

  /// Takes the rows of the device, if a column tells devices apart.
  private mutating func selectDevice() throws(MeasuredCurveError) {
    let column = try named(.device).first ?? columns.first(where: \.isDevice)
    guard let column, column.kind != .empty else { return }
    var names: [String] = []
    var known: Set<String> = []
    let all = rows.map { table.text($0, column.index) }
    for name in all where known.insert(name).inserted { names.append(name) }
    guard let wanted = try choice(of: names, "device column \(column.index + 1)") else { return }
    rows = zip(rows, all).filter { $0.1 == wanted }.map(\.0)
    device = wanted
  }

  /// The device that the user named, or the only one; nil if there is only one without a name.
  func choice(of names: [String], _ place: String) throws(MeasuredCurveError) -> String? {
    let shown =
      names.prefix(12).joined(separator: ", ")
      + (names.count > 12 ? ", … \(names.count) devices" : "")
    if let wanted = format.device {
      guard names.contains(wanted) else {
        throw fault("the file has no device '\(wanted)'; it has \(shown)")
      }
      return wanted
    }
    guard names.count > 1 else { return names.first }
    throw fault(
      "the file has several devices (\(place)): \(shown)",
      [Remedy(key: "device", value: names.first ?? "", condition: "for the first of them")])
  }

  // MARK: Reads

  /// The reads in a column, without blank cells at its ends.
  ///
  /// - Parameter allowsTitles: whether lines of words may stand between the reads; others than the
  ///   header are faults otherwise.
  /// - Throws: `MeasuredCurveError` for a cell that is neither a read nor blank, and for a blank
  ///   one between reads: a pulse was applied there whose effect is unknown.
  func reads(
    _ column: CurveColumn, of rows: [CurveTable.Row], allowsTitles: Bool = false
  ) throws(MeasuredCurveError) -> CurveReads {
    var reads = CurveReads()
    reads.values.reserveCapacity(rows.count)
    reads.rows.reserveCapacity(rows.count)
    var blank: CurveTable.Row?
    for row in rows {
      if !allowsTitles, !row.title.isEmpty, !table.header.contains(row.title) {
        throw table.error(
          "expected numbers, found \"\(row.title.joined(separator: " ").prefix(40))\" before this"
            + " line", row, column.index)
      }
      switch row.cells.element(at: column.index) ?? .missing {
      case .missing: if !reads.values.isEmpty, blank == nil { blank = row }
      case .text:
        throw table.error(
          "expected a number in \(column.title), found \"\(table.text(row, column.index).prefix(40))\"",
          row, column.index)
      case .number(let value, let unit):
        if let blank {
          throw table.error(
            "a read of \(column.title) is missing between others; remove the row, or split the file there",
            blank, column.index)
        }
        reads.values.append(try converted(value, unit, column, row))
        reads.rows.append(row)
      }
    }
    return reads
  }

  /// A value in the unit of the curve.
  private func converted(
    _ value: Double, _ own: Unit?, _ column: CurveColumn, _ row: CurveTable.Row
  ) throws(MeasuredCurveError) -> Double {
    guard own == (column.hasUnitInCells ? column.unit?.unit : nil) else {
      throw table.error("the cells of \(column.title) are in different units", row, column.index)
    }
    var value = own == nil ? value.shifted(by: column.unit?.exponent ?? 0) : value
    if format.resistance { value = 1 / value }
    if let voltage = format.readVoltage { value /= voltage }
    guard abs(value) < MeasuredCurve.magnitudeLimit else {
      throw table.error(
        "expected a number below 1e30, found \"\(table.text(row, column.index).prefix(40))\"", row,
        column.index)
    }
    return value
  }

  /// The unit of the curve whose reads stand in `used`.
  func unit(of used: [CurveColumn]) throws(MeasuredCurveError) -> String {
    let units = Set(used.map { $0.unit?.unit })
    guard units.count == 1, let unit = units.first else {
      throw fault("the columns of reads are in different units: \(listing)")
    }
    if let column = used.first(where: \.isResistance), !format.resistance {
      throw fault(
        "\(column.title) holds resistances",
        [Remedy(key: "resistance", value: nil, condition: "to take their inverses")])
    }
    if format.resistance {
      guard unit == nil || unit == .ohm else {
        throw fault("\(used[0].title) is in \(unit?.rawValue ?? ""), which is no resistance")
      }
      return unit == nil ? "" : Unit.siemens.rawValue
    }
    if format.readVoltage != nil {
      guard unit == nil || unit == .ampere else {
        throw fault("\(used[0].title) is in \(unit?.rawValue ?? ""), which is no current")
      }
      return unit == nil ? "" : Unit.siemens.rawValue
    }
    guard unit == nil || unit == .siemens || unit == .ampere else {
      throw fault("\(used[0].title) is in \(unit?.rawValue ?? ""), which is no conductance")
    }
    return unit?.rawValue ?? ""
  }
}

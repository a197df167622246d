import SaltireCore

/// What cannot be a pulse response.
extension CurveReader {
  /// Medians of the first and of the last reads, and the one between that is farthest from both.
  static func levels(_ values: [Double]) -> (first: Double, last: Double, turn: Double) {
    let count = max(3, values.count / 20)
    func median(_ part: ArraySlice<Double>) -> Double {
      part.sorted().element(at: part.count / 2) ?? 0
    }
    let first = median(values.prefix(count))
    let last = median(values.suffix(count))
    let turn = smoothed(values).max {
      min(abs($0 - first), abs($0 - last)) < min(abs($1 - first), abs($1 - last))
    }
    return (first, last, turn ?? first)
  }

  /// Medians of three neighbours.
  static func smoothed(_ values: [Double]) -> [Double] {
    guard values.count >= 3 else { return values }
    return values.indices.map { place in
      let start = min(max(place - 1, 0), values.count - 3)
      return (values.elements(at: start, count: 3) ?? []).sorted().element(at: 1) ?? 0
    }
  }

  /// Whether the steps between reads are small against their range. If they are not, noise decides
  /// where branches begin and end.
  static func isSmooth(_ values: [Double]) -> Bool {
    let smooth = smoothed(values)
    let range = (smooth.max() ?? 0) - (smooth.min() ?? 0)
    let steps = zip(values, values.dropFirst()).map { abs($0 - $1) }.sorted()
    return (steps.element(at: steps.count / 2) ?? 0) < range / 8
  }

  /// Whether reads go on by more than half of their range and come back to where they began.
  func turnsRound(_ values: [Double], up: Bool) -> Bool {
    let smooth = Self.smoothed(values)
    guard let low = smooth.min(), let high = smooth.max(), high > low, Self.isSmooth(values)
    else { return false }
    let ends = Self.levels(values)
    let sign = up ? 1.0 : -1.0
    // Once: reads that jump back are those of several cycles.
    guard Self.largestFall(smooth, sign: sign) < (high - low) / 2 else { return false }
    return sign * (ends.turn - ends.first) > (high - low) / 2
      && sign * (ends.turn - ends.last) > (high - low) / 2
  }

  private static func largestFall(_ values: [Double], sign: Double) -> Double {
    zip(values, values.dropFirst()).map { sign * ($0 - $1) }.max() ?? 0
  }

  /// The curve of these branches, if it can be one.
  mutating func finished(
    _ ups: [CurveReads], _ downs: [CurveReads], unit: String, titles: (up: String, down: String)
  ) throws(MeasuredCurveError) -> MeasuredCurve {
    let pairs = min(ups.count, downs.count)
    guard pairs > 0, abs(ups.count - downs.count) <= 1 else {
      throw fault("there are \(ups.count) up branches and \(downs.count) down branches")
    }
    if ups.count != downs.count {
      remarks.append(
        "the last \(ups.count > downs.count ? "up" : "down") branch has no partner and is left out")
    }
    var cycles = zip(ups, downs).map { Cycle(up: $0.values, down: $1.values) }
    for index in cycles.indices {
      if [.up, .both].contains(format.reverse) { cycles[index].up.reverse() }
      if [.down, .both].contains(format.reverse) { cycles[index].down.reverse() }
    }
    if let reverse = format.reverse {
      remarks.append(
        "\(reverse == .both ? "both branches" : "the \(reverse.rawValue) branch") reversed")
    }
    if format.resistance { remarks.append("inverses of resistances") }
    if let voltage = format.readVoltage {
      remarks.append("currents at \(Quantity(voltage, .volt))")
    }
    try check(cycles, titles)
    let lines = (ups + downs).flatMap {
      [$0.rows.first?.line, $0.rows.last?.line].compactMap(\.self)
    }
    let separator =
      switch table.dialect.separator {
      case .tab: "tab-separated"
      case .semicolon: "semicolon-separated"
      case .comma: "comma-separated"
      case .blanks: table.width > 1 ? "separated by blanks" : "one column"
      }
    return try MeasuredCurve(
      cycles, unit: unit,
      origin: .init(
        file: table.file,
        separator: separator + (table.dialect.decimal == .comma ? ", decimal commas" : ""),
        up: titles.up, down: titles.down, lines: (lines.min() ?? 1)...(lines.max() ?? 1),
        device: device, remarks: remarks))
  }

  /// Refuses up branches that fall and down branches that rise, by more than half of their range.
  private func check(
    _ cycles: [Cycle], _ titles: (up: String, down: String)
  ) throws(MeasuredCurveError) {
    func wrong(_ branch: KeyPath<Cycle, [Double]>, _ sign: Double) -> (Double, Double)? {
      for cycle in cycles where Self.isSmooth(cycle[keyPath: branch]) {
        let smooth = Self.smoothed(cycle[keyPath: branch])
        let range = (smooth.max() ?? 0) - (smooth.min() ?? 0)
        let ends = Self.levels(cycle[keyPath: branch])
        if sign * (ends.first - ends.last) > range / 2 { return (ends.first, ends.last) }
      }
      return nil
    }
    let up = wrong(\.up, 1)
    let down = wrong(\.down, -1)
    let reasons = [
      up.map { "the up reads (\(titles.up)) fall from \(plain($0)) to \(plain($1))" },
      down.map { "the down reads (\(titles.down)) rise from \(plain($0)) to \(plain($1))" },
    ].compactMap(\.self)
    guard !reasons.isEmpty else { return }
    var remedies: [Remedy] = []
    if up != nil, down != nil {
      if titles.up != titles.down, let columns = swappedColumns {
        remedies.append(
          Remedy(key: "columns", value: columns, condition: "if the columns are swapped"))
      }
      if !format.resistance {
        remedies.append(
          Remedy(key: "resistance", value: nil, condition: "if the reads are resistances"))
      }
    }
    let both = up != nil && down != nil
    remedies.append(
      Remedy(
        key: "reverse", value: both ? "both" : up != nil ? "up" : "down",
        condition: both
          ? "if both branches are stored last read first"
          : "if this branch is stored last read first"))
    throw fault(reasons.joined(separator: "; "), remedies)
  }

  /// The two columns of reads, the other way round.
  private var swappedColumns: String? {
    if let up = format.columns[.up]?.first, let down = format.columns[.down]?.first {
      return "up=\(down),down=\(up)"
    }
    let reads = columns.filter(\.isRead)
    guard reads.count == 2, let first = reads.first, let last = reads.last else { return nil }
    return first.direction == .down
      ? "up=\(first.index + 1),down=\(last.index + 1)"
      : "up=\(last.index + 1),down=\(first.index + 1)"
  }
}

import SaltireCore

/// Branches in a column: where they begin and end.
extension CurveReader {
  typealias Branches = (up: [CurveReads], down: [CurveReads])

  /// The branches of a column by a column that tells the direction of each pulse. Words say which
  /// is up; of two signs, the one whose reads rise is.
  mutating func branches(
    _ column: CurveColumn, by direction: CurveColumn, of rows: [CurveTable.Row]
  ) throws(MeasuredCurveError) -> Branches {
    var parts: [(sign: Double, rows: [CurveTable.Row])] = []
    for row in rows {
      let sign: Double
      switch row.cells.element(at: direction.index) ?? .missing {
      case .number(let value, _): sign = value == 0 ? 0 : value > 0 ? 1 : -1
      case .text:
        guard let word = CurveColumn.direction(table.text(row, direction.index)) else {
          throw table.error(
            "expected a direction, up or down, in \(direction.title), found"
              + " \"\(table.text(row, direction.index).prefix(40))\"", row, direction.index)
        }
        sign = word == .up ? 1 : -1
      case .missing:
        throw table.error("\(direction.title) is blank here", row, direction.index)
      }
      // Before any pulse.
      if sign == 0 {
        guard parts.isEmpty else {
          throw table.error(
            "\(direction.title) is 0 here; expected the sign of a direction or of a voltage", row,
            direction.index)
        }
        continue
      }
      if parts.last?.sign != sign { parts.append((sign, [])) }
      parts[parts.count - 1].rows.append(row)
    }
    var branches: [(sign: Double, reads: CurveReads)] = []
    for part in parts { branches.append((part.sign, try reads(column, of: part.rows))) }
    guard Set(parts.map(\.sign)).count == 2 else {
      throw fault("\(direction.title) has one direction alone")
    }
    var up = 1.0
    if direction.kind != .directions, direction.name != "direction" {
      let rise = branches.reduce(0) { sum, branch in
        sum + branch.sign * ((branch.reads.values.last ?? 0) - (branch.reads.values.first ?? 0))
      }
      up = rise >= 0 ? 1 : -1
      remarks.append("\(direction.title) is \(up > 0 ? "positive" : "negative") for up pulses")
    }
    return (
      branches.filter { $0.sign == up }.map(\.reads), branches.filter { $0.sign != up }.map(\.reads)
    )
  }

  /// The branches of a column that holds both directions in turn: as the user counted them, by
  /// blank lines and titles in the file, or as one rise and one fall.
  mutating func branches(
    _ reads: CurveReads, _ column: CurveColumn
  ) throws(MeasuredCurveError) -> Branches {
    if let pulses = format.pulses {
      let period = pulses.up + pulses.down
      guard reads.values.count.isMultiple(of: period) else {
        throw fault(
          "\(column.title) has \(reads.values.count) reads, which are no cycles of \(pulses.up) and"
            + " \(pulses.down) pulses")
      }
      let starts = stride(from: 0, to: reads.values.count, by: period)
      return (
        starts.map { reads[$0..<$0 + pulses.up] },
        starts.map { reads[$0 + pulses.up..<$0 + period] }
      )
    }
    let starts = [0] + reads.rows.indices.dropFirst().filter { reads.rows[$0].beginsSection }
    if starts.count > 1 { return try sections(reads, starts, column) }
    return try triangle(reads, column)
  }

  /// Sections of a column: by their titles, otherwise by whether they rise or fall.
  private func sections(
    _ reads: CurveReads, _ starts: [Int], _ column: CurveColumn
  ) throws(MeasuredCurveError) -> Branches {
    var branches: Branches = ([], [])
    for (start, end) in zip(starts, starts.dropFirst() + [reads.values.count]) {
      let part = reads[start..<end]
      let title = part.rows.first?.title.joined(separator: " ") ?? ""
      let ends = Self.levels(part.values)
      switch CurveColumn.direction(title) ?? (ends.last > ends.first ? .up : .down) {
      case .up: branches.up.append(part)
      case .down: branches.down.append(part)
      }
    }
    return branches
  }

  /// One rise and one fall, if the place between them is clear.
  private mutating func triangle(
    _ reads: CurveReads, _ column: CurveColumn
  ) throws(MeasuredCurveError) -> Branches {
    let values = reads.values
    let smooth = Self.smoothed(values)
    let range = (smooth.max() ?? 0) - (smooth.min() ?? 0)
    let half = values.count / 2
    let remedies = [
      Remedy(
        key: "pulses", value: "up=\(half),down=\(values.count - half)",
        condition: "if the first \(half) pulses are up, the others down")
    ]
    guard range > 0, let top = Self.top(of: smooth), Self.isTriangle(smooth, top) else {
      let ends = Self.levels(values)
      throw fault(
        "\(column.title) has \(values.count) reads that do not rise once and then fall: they begin"
          + " at \(plain(ends.first)), reach \(plain(ends.turn)) and end at \(plain(ends.last))",
        remedies)
    }
    // The number of up pulses lies between these. Up branches saturate, down branches leave the top
    // at once, unless their steps are hidden by noise.
    let fewest = top.lowerBound + 1
    let most = top.upperBound + 1
    let up: Int
    if values.count.isMultiple(of: 2), abs(most - half) <= max(2, values.count / 100) {
      up = half
      remarks.append("one rise and one fall of equal length")
    } else if most - fewest <= 4, let peak = values.indices.max(by: { values[$0] < values[$1] }) {
      up = peak + 1
      remarks.append("the reads turn at read \(up)")
    } else {
      throw fault(
        "\(column.title) has \(values.count) reads that rise and then fall, but not clearly where"
          + " they turn: between reads \(fewest) and \(most)", remedies)
    }
    return ([reads[0..<up]], [reads[up..<values.count]])
  }

  /// The places of the reads at the top: those that noise alone may keep below the largest.
  private static func top(of smooth: [Double]) -> ClosedRange<Int>? {
    guard let high = smooth.max() else { return nil }
    let bends = zip(zip(smooth, smooth.dropFirst(2)), smooth.dropFirst())
      .map { abs($0.0 + $0.1 - 2 * $1) }.sorted()
    let noise = bends.element(at: bends.count / 2) ?? 0
    guard let first = smooth.firstIndex(where: { $0 >= high - 4 * noise }),
      let last = smooth.lastIndex(where: { $0 >= high - 4 * noise })
    else { return nil }
    return first...last
  }

  /// Whether reads rise to their top and fall after it by more than half of their range each, and
  /// go back by less than a quarter of it on the way.
  private static func isTriangle(_ smooth: [Double], _ top: ClosedRange<Int>) -> Bool {
    let high = smooth.max() ?? 0
    let range = high - (smooth.min() ?? 0)
    func isOneWay(_ part: some Sequence<Double>) -> Bool {
      var highest = -Double.infinity
      return part.allSatisfy { value in
        highest = max(highest, value)
        return highest - value < range / 4
      }
    }
    return isOneWay(smooth.prefix(top.upperBound + 1))
      && isOneWay(smooth.dropFirst(top.lowerBound).reversed())
      && [smooth.first, smooth.last].allSatisfy { ($0 ?? high) < high - range / 2 }
  }

  /// Cycles below one another in two columns: where both begin again.
  func stacked(
    _ up: CurveReads, _ down: CurveReads
  ) throws(MeasuredCurveError) -> Branches {
    let ups = Self.restarts(up.values, up: true)
    let downs = Self.restarts(down.values, up: false)
    guard !ups.isEmpty || !downs.isEmpty else { return ([up], [down]) }
    guard !ups.isEmpty, !downs.isEmpty, abs(ups.count - downs.count) <= 1 else {
      func places(_ reads: CurveReads, _ starts: [Int]) -> String {
        starts.isEmpty
          ? "never"
          : "at line"
            + (starts.count > 1 ? "s " : " ")
            + starts.prefix(6).compactMap { reads.rows.element(at: $0)?.line }
            .map(String.init).joined(separator: ", ")
      }
      throw fault(
        "the up column begins again \(places(up, ups)), the down column"
          + " \(places(down, downs)); put each cycle in columns of its own, or number them in a"
          + " column 'cycle'")
    }
    func parts(_ reads: CurveReads, _ starts: [Int]) -> [CurveReads] {
      zip([0] + starts, starts + [reads.values.count]).map { reads[$0..<$1] }
    }
    return (parts(up, ups), parts(down, downs))
  }

  /// Where reads of one direction jump back by more than half of their range.
  private static func restarts(_ values: [Double], up: Bool) -> [Int] {
    guard let low = values.min(), let high = values.max(), high > low,
      values.count >= 2 * MeasuredCurve.fewestReads, isSmooth(values)
    else { return [] }
    func median(_ place: Int) -> Double {
      let three = [place, place + 1, place + 2].compactMap { values.element(at: $0) }.sorted()
      return three.element(at: 1) ?? 0
    }
    let sign = up ? 1.0 : -1.0
    var starts: [Int] = []
    var last = 0
    for place in values.indices.dropFirst(3).dropLast(2)
    where sign * (values[place - 1] - values[place]) > (high - low) / 2
      && sign * (median(place - 3) - median(place)) > (high - low) / 2
    {
      // Outliers are no cycles.
      guard place - last >= MeasuredCurve.fewestReads,
        values.count - place >= MeasuredCurve.fewestReads
      else { return [] }
      starts.append(place)
      last = place
    }
    return starts
  }
}

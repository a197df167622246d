import SaltireCore

extension MeasuredCurve {
  /// Reads the curve in the text of a file.
  ///
  /// - Parameters:
  ///   - text: what ``CurveText`` made of the file.
  ///   - file: its name, for messages.
  ///   - down: the text and the name of the file with the down branches, if they have their own.
  ///   - format: what the user said of the files.
  /// - Throws: `MeasuredCurveError` for what is not a pulse response, and for what could be one in
  ///   several ways, with the setting that decides.
  public init(
    _ text: String, file: String, down: (text: String, file: String)? = nil,
    format: CurveFormat = CurveFormat()
  ) throws(MeasuredCurveError) {
    var reader = try CurveReader(text, file: file, format: format)
    if let down {
      let other = try CurveReader(down.text, file: down.file, format: format)
      self = try reader.curve(down: other)
    } else {
      self = try reader.curve()
    }
  }
}

extension CurveReader {
  typealias Cycle = MeasuredCurve.Cycle

  /// The curve in one file.
  mutating func curve() throws(MeasuredCurveError) -> MeasuredCurve {
    let up = try named(.up)
    let down = try named(.down)
    if !up.isEmpty || !down.isEmpty {
      guard !up.isEmpty, !down.isEmpty else {
        throw fault("columns names no column for the \(up.isEmpty ? "up" : "down") reads")
      }
      return try pairs(up, down)
    }
    let directions = try named(.direction)
    if let column = try named(.reads).first {
      return try oneColumn(column, direction: directions.first)
    }
    if let own = saltireTable { return try oneColumn(own.reads, direction: own.direction) }
    let reads = columns.filter(\.isRead)
    let direction = directions.first ?? columns.first(where: \.isDirection)
    if reads.count == 1, let column = reads.first {
      guard
        columns.allSatisfy({ $0.index == column.index || $0.isCycle || $0.isDevice })
          || direction?.kind == .directions
      else { throw askForReads(column, direction) }
      return try oneColumn(column, direction: direction)
    }
    let ups = reads.filter { $0.direction == .up }
    let downs = reads.filter { $0.direction == .down }
    if ups.count + downs.count == reads.count, ups.count == downs.count, !ups.isEmpty {
      return ups.count == 1 ? try pairs(ups, downs) : try devicePair(ups, downs)
    }
    guard reads.count == 2, ups.isEmpty, downs.isEmpty, direction == nil else {
      throw askForPair(reads)
    }
    return try pairs([reads[0]], [reads[1]])
  }

  /// The curve whose up branches are the columns of this file and whose down branches are those of
  /// the other.
  mutating func curve(down other: CurveReader) throws(MeasuredCurveError) -> MeasuredCurve {
    func branches(
      _ reader: CurveReader, _ role: CurveFormat.Role
    ) throws(MeasuredCurveError) -> [CurveColumn] {
      let own = try reader.named(role)
      let found = own.isEmpty ? reader.columns.filter(\.isRead) : own
      guard !found.isEmpty else { throw reader.fault("the file has no reads: \(reader.listing)") }
      return found
    }
    let ups = try branches(self, .up)
    let downs = try branches(other, .down)
    let unit = try unit(of: ups)
    guard try other.unit(of: downs) == unit else {
      throw other.fault("the reads are in another unit than those of \(table.file)")
    }
    var up: [CurveReads] = []
    var down: [CurveReads] = []
    for column in ups { up.append(try reads(column, of: rows)) }
    for column in downs { down.append(try other.reads(column, of: other.rows)) }
    return try finished(
      up, down, unit: unit, titles: (Self.title(ups), "\(Self.title(downs)) of \(other.table.file)")
    )
  }

  /// One column for each direction, or several, one for each cycle.
  private mutating func pairs(
    _ ups: [CurveColumn], _ downs: [CurveColumn]
  ) throws(MeasuredCurveError) -> MeasuredCurve {
    let unit = try unit(of: ups + downs)
    var up: [CurveReads] = []
    var down: [CurveReads] = []
    for part in try cycleParts() {
      for column in ups { up.append(try reads(column, of: part)) }
      for column in downs { down.append(try reads(column, of: part)) }
    }
    if up.count == 1, down.count == 1 {
      if let turning = [(up[0], "up", ups[0]), (down[0], "down", downs[0])].first(where: {
        turnsRound($0.0.values, up: $0.1 == "up")
      }) {
        throw turnsBack(turning.0, turning.2)
      }
      (up, down) = try stacked(up[0], down[0])
    }
    noteUnused(ups + downs)
    return try finished(up, down, unit: unit, titles: (Self.title(ups), Self.title(downs)))
  }

  /// One pair of columns for each device, told apart by the rest of their names.
  private mutating func devicePair(
    _ ups: [CurveColumn], _ downs: [CurveColumn]
  ) throws(MeasuredCurveError) -> MeasuredCurve {
    let stems = ups.map(\.stem)
    guard Set(stems).count == stems.count, Set(stems) == Set(downs.map(\.stem)) else {
      throw askForPair(ups + downs)
    }
    guard format.device != nil else {
      var list = (up: "", down: "")
      list.up = ups.map { "\($0.index + 1)" }.joined(separator: ",")
      list.down = downs.map { "\($0.index + 1)" }.joined(separator: ",")
      throw fault(
        "the file has \(ups.count) pairs of columns: \(stems.prefix(12).joined(separator: ", "))"
          + (stems.count > 12 ? ", …" : ""),
        [
          Remedy(key: "device", value: stems[0], condition: "if each pair is a device"),
          Remedy(
            key: "columns", value: "up=\(list.up),down=\(list.down)",
            condition: "if each pair is a cycle of one device"),
        ])
    }
    guard let wanted = try choice(of: stems, "one pair of columns each"),
      let up = ups.first(where: { $0.stem == wanted }),
      let down = downs.first(where: { $0.stem == wanted })
    else { throw askForPair(ups + downs) }
    device = wanted
    return try pairs([up], [down])
  }

  /// Reads after pulses of both directions in one column.
  private mutating func oneColumn(
    _ column: CurveColumn, direction: CurveColumn?
  ) throws(MeasuredCurveError) -> MeasuredCurve {
    let unit = try unit(of: [column])
    var up: [CurveReads] = []
    var down: [CurveReads] = []
    for part in try cycleParts() {
      let branches =
        if let direction {
          try branches(column, by: direction, of: part)
        } else {
          try branches(try reads(column, of: part, allowsTitles: true), column)
        }
      up += branches.up
      down += branches.down
    }
    noteUnused([column] + (direction.map { [$0] } ?? []))
    return try finished(up, down, unit: unit, titles: (column.title, column.title))
  }

  /// The columns of a table of crossed swords as `saltire report` writes it.
  private var saltireTable: (reads: CurveColumn, direction: CurveColumn)? {
    func column(_ name: String) -> CurveColumn? { columns.first { $0.name == name } }
    guard column("pulse") != nil, column("cycle") != nil, column("time")?.unit?.unit == .second,
      let direction = column("direction"), let reads = column("conductance"),
      reads.unit?.unit == .siemens
    else { return nil }
    return (reads, direction)
  }

  /// The rows of each cycle, if a column counts them.
  private func cycleParts() throws(MeasuredCurveError) -> [[CurveTable.Row]] {
    let column =
      try named(.cycle).first ?? columns.first { $0.isCycle && $0.kind != .empty }
    guard let column, saltireTable == nil else { return [rows] }
    var parts: [[CurveTable.Row]] = []
    var last: String?
    for row in rows {
      let name = table.text(row, column.index)
      if name != last { parts.append([]) }
      parts[parts.count - 1].append(row)
      last = name
    }
    return parts
  }

  private static func title(_ columns: [CurveColumn]) -> String {
    guard let first = columns.first, let last = columns.last else { return "" }
    return columns.count == 1 ? first.title : "columns \(first.index + 1) to \(last.index + 1)"
  }

  private mutating func noteUnused(_ used: [CurveColumn]) {
    let others = columns.filter { column in
      column.kind != .empty && !used.contains { $0.index == column.index }
    }
    guard !others.isEmpty else { return }
    let shown = others.prefix(6).map(\.title).joined(separator: ", ")
    remarks.append("not read: \(shown)" + (others.count > 6 ? ", …" : ""))
  }

  // MARK: Questions

  private func askForReads(
    _ column: CurveColumn, _ direction: CurveColumn?
  ) -> MeasuredCurveError {
    let reads = "reads=\(column.index + 1)"
    var remedies = [
      Remedy(
        key: "columns", value: reads, condition: "for reads that rise and then fall in one column")
    ]
    if let direction {
      remedies.insert(
        Remedy(
          key: "columns", value: "\(reads),direction=\(direction.index + 1)",
          condition: "if \(direction.title) tells the direction of each pulse"), at: 0)
    }
    return fault("only one column has reads: \(listing)", remedies)
  }

  private func askForPair(_ reads: [CurveColumn]) -> MeasuredCurveError {
    let numbers = (reads.count >= 2 ? reads : columns).map { $0.index + 1 }
    guard let first = numbers.first, let second = numbers.element(at: 1) else {
      return fault("the file has no column of reads: \(listing)")
    }
    var remedies = [
      Remedy(
        key: "columns", value: "up=\(first),down=\(second)",
        condition: "if these are the reads after up and down pulses")
    ]
    if reads.count > 2, reads.allSatisfy({ $0.direction == nil }) {
      remedies.append(
        Remedy(
          key: "down_file", value: "FILE",
          condition: "if these are up branches, and another file has the down branches"))
    }
    return fault(
      (reads.isEmpty
        ? "no column is clearly one of reads"
        : "it is not clear which columns hold the up and the down reads") + ": \(listing)", remedies
    )
  }

  private func turnsBack(_ reads: CurveReads, _ column: CurveColumn) -> MeasuredCurveError {
    let ends = Self.levels(reads.values)
    return fault(
      "\(column.title) turns round: it begins at \(plain(ends.first)), reaches"
        + " \(plain(ends.turn)) and ends at \(plain(ends.last))",
      [
        Remedy(
          key: "columns", value: "reads=\(column.index + 1)",
          condition: "if it holds the reads of both directions")
      ])
  }
}

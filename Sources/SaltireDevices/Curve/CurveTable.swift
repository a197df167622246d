import SaltireCore

/// The lines of a file of reads as rows of cells.
struct CurveTable {
  enum Cell {
    /// In base units if the cell has a unit.
    case number(Double, Unit?)
    /// Blank, or a word for it.
    case missing
    case text

    var isText: Bool { if case .text = self { true } else { false } }

    var number: Double? {
      if case .number(let value, _) = self { value } else { nil }
    }
  }

  struct Row {
    /// From 1.
    var line: Int
    var cells: [Cell]
    /// Whether a blank line or a title stands before the row.
    var beginsSection = false
    /// The title of its section.
    var title: [String] = []
  }

  let file: String
  let dialect: CurveDialect
  /// The lines before the first row with a number, and a comment in the place of a header.
  private(set) var header: [[String]] = []
  private(set) var rows: [Row] = []
  /// The number of columns; those without any number or word at the end do not count.
  private(set) var width = 0
  private let lines: CurveLines

  init(
    _ text: String, file: String, decimal: CurveFormat.DecimalSign?
  ) throws(MeasuredCurveError) {
    self.file = file
    lines = CurveLines(text)
    dialect = try CurveDialect(lines, file: file, decimal: decimal)
    var comment: [String]?
    var title: [String] = []
    var isAfterGap = false
    for (index, line) in lines.ranges.enumerated() {
      let bytes = lines.bytes[line]
      if let inner = CurveLines.comment(bytes) {
        comment = rows.isEmpty ? dialect.texts(inner) : nil
        continue
      }
      let cells = dialect.split(bytes).map { dialect.cell($0) }
      if cells.contains(where: { $0.number != nil }) {
        rows.append(Row(line: index + 1, cells: cells, beginsSection: isAfterGap, title: title))
        (isAfterGap, title) = (false, [])
        width = max(
          width, (cells.lastIndex { if case .missing = $0 { false } else { true } } ?? 0) + 1)
        continue
      }
      let words = dialect.texts(bytes)
      let isBlank = bytes.allSatisfy(CurveLines.isBlank)
      let isTitle = words.allSatisfy { $0.first?.isLetter == true }
      if rows.isEmpty {
        if words.contains(where: { !$0.isEmpty }) { header.append(words) }
      } else if isBlank || isTitle && cells.allSatisfy(\.isText) {
        isAfterGap = true
        if !isBlank { title = words }
      } else {
        // Pulses whose reads are missing, or damaged.
        rows.append(Row(line: index + 1, cells: cells, beginsSection: isAfterGap, title: title))
        (isAfterGap, title) = (false, [])
      }
    }
    guard !rows.isEmpty else {
      throw MeasuredCurveError(file: file, message: "the file has no line with a number")
    }
    if header.isEmpty, let comment, comment.count == width { header = [comment] }
  }

  /// The text of a cell.
  func text(_ row: Row, _ column: Int) -> String {
    lines.bytes(ofLine: row.line).flatMap { dialect.texts($0).element(at: column) } ?? ""
  }

  /// An error at a cell.
  func error(
    _ message: String, _ row: Row, _ column: Int, _ remedies: [MeasuredCurveError.Remedy] = []
  ) -> MeasuredCurveError {
    let line = lines.bytes(ofLine: row.line) ?? []
    let place = dialect.split(line).element(at: column).map { cell in
      String(decoding: line[line.startIndex..<cell.startIndex], as: UTF8.self).count + 1
    }
    return MeasuredCurveError(
      file: file, line: row.line, column: place ?? 1, message: message, remedies: remedies)
  }
}

/// The lines of a text as bytes.
struct CurveLines {
  let bytes: [UInt8]
  private(set) var ranges: [Range<Int>] = []

  init(_ text: String) {
    // Typographic minus signs and spaces are those of numbers.
    let plain =
      text.utf8.allSatisfy { $0 < 0x80 }
      ? text : text.replacing("\u{2212}", with: "-").replacing("\u{A0}", with: " ")
    bytes = Array(plain.utf8)
    var start = 0
    for (place, byte) in bytes.enumerated() where byte == 10 || byte == 13 {
      if byte == 10, place > 0, bytes[place - 1] == 13 {
        start = place + 1
        continue
      }
      ranges.append(start..<place)
      start = place + 1
    }
    if start < bytes.count { ranges.append(start..<bytes.count) }
  }

  func bytes(ofLine number: Int) -> ArraySlice<UInt8>? {
    ranges.element(at: number - 1).map { bytes[$0] }
  }

  /// What stands behind the sign of a comment; nil for any other line.
  static func comment(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let text = line.drop(while: isBlank)
    if text.starts(with: "#N/A".utf8) { return nil }
    switch text.first {
    case UInt8(ascii: "#"), UInt8(ascii: "%"): return text.dropFirst()
    case UInt8(ascii: "/") where text.dropFirst().first == UInt8(ascii: "/"):
      return text.dropFirst(2)
    default: return nil
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
}

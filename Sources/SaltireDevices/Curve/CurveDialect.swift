import SaltireCore

/// How the lines of a file are written: what separates cells, and the decimal sign.
struct CurveDialect: Equatable {
  enum Separator: String {
    case tab, semicolon, comma, blanks

    fileprivate var byte: UInt8 {
      switch self {
      case .tab: 9
      case .semicolon: UInt8(ascii: ";")
      case .comma: UInt8(ascii: ",")
      case .blanks: 32
      }
    }
  }

  let separator: Separator
  let decimal: CurveFormat.DecimalSign

  /// Lines that are looked at to find the dialect.
  private static let looked = 200

  /// Finds the dialect in which most lines are numbers.
  ///
  /// - Throws: `MeasuredCurveError` if two are equally likely: "1,25" is two numbers or one.
  init(
    _ lines: CurveLines, file: String, decimal: CurveFormat.DecimalSign?
  ) throws(MeasuredCurveError) {
    let sample = lines.ranges.lazy.map { lines.bytes[$0] }
      .filter { !$0.allSatisfy(CurveLines.isBlank) && CurveLines.comment($0) == nil }
      .prefix(Self.looked)
    var best: (dialect: CurveDialect, score: Int)?
    for separator in [Separator.tab, .semicolon, .comma, .blanks] {
      for sign in [CurveFormat.DecimalSign.point, .comma]
      where decimal ?? sign == sign && sign.byte != separator.byte {
        let dialect = CurveDialect(separator: separator, decimal: sign)
        let score = sample.count { dialect.fits($0) }
        if score > best?.score ?? 0 { best = (dialect, score) }
      }
    }
    guard let best else {
      throw MeasuredCurveError(
        file: file,
        message: "the file has no line of numbers separated by commas, semicolons,"
          + " tabs or blanks")
    }
    self = best.dialect
    guard separator == .comma, decimal == nil else { return }
    // A header of two names says that there are two columns.
    let isEither = sample.allSatisfy { line in
      let cells = split(line)
      guard fits(line) else { return cells.count == 1 }
      return cells.count == 2 && Self.areDigits(cells[0], signed: true)
        && Self.areDigits(cells[1], signed: false)
    }
    if isEither, let first = sample.first(where: fits) {
      throw MeasuredCurveError(
        file: file,
        message: "\"\(String(decoding: first.prefix(40), as: UTF8.self))\" is two numbers, or one"
          + " number with a decimal comma",
        remedies: [
          .init(key: "decimal", value: "point", condition: "for two numbers"),
          .init(key: "decimal", value: "comma", condition: "for one"),
        ])
    }
  }

  private init(separator: Separator, decimal: CurveFormat.DecimalSign) {
    (self.separator, self.decimal) = (separator, decimal)
  }

  private static func areDigits(_ cell: ArraySlice<UInt8>, signed: Bool) -> Bool {
    let digits = signed && cell.first == UInt8(ascii: "-") ? cell.dropFirst() : cell
    return digits.first.map(isDigit) == true
      && digits.drop(while: isDigit).allSatisfy {
        isDigit($0) || $0 | 0x20 == UInt8(ascii: "e") || $0 == UInt8(ascii: "-")
      }
  }

  /// Whether a line has a number and nothing that begins as one without being one.
  private func fits(_ line: ArraySlice<UInt8>) -> Bool {
    if separator != .blanks, !line.contains(separator.byte) { return false }
    var hasNumber = false
    for piece in split(line) {
      switch cell(piece) {
      case .number: hasNumber = true
      case .missing: break
      case .text:
        let sign = piece.first == UInt8(ascii: "-") || piece.first == UInt8(ascii: "+")
        if (sign ? piece.dropFirst().first : piece.first).map(Self.isDigit) == true { return false }
      }
    }
    return hasNumber
  }

  /// The cells of a line without white space and quotes around them.
  func split(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var cells: [ArraySlice<UInt8>] = []
    cells.reserveCapacity(8)
    var start = line.startIndex
    var isQuoted = false
    let quote = UInt8(ascii: "\"")
    for place in line.indices {
      let byte = line[place]
      if byte == quote { isQuoted.toggle() }
      if isQuoted { continue }
      if separator == .blanks ? CurveLines.isBlank(byte) : byte == separator.byte {
        if separator != .blanks || place > start { cells.append(Self.trimmed(line[start..<place])) }
        start = place + 1
      }
    }
    if separator != .blanks || start < line.endIndex {
      cells.append(Self.trimmed(line[start..<line.endIndex]))
    }
    return cells
  }

  func texts(_ line: ArraySlice<UInt8>) -> [String] {
    split(line).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func trimmed(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = cell
    func drop() {
      while let first = rest.first, CurveLines.isBlank(first) { rest.removeFirst() }
      while let last = rest.last, CurveLines.isBlank(last) { rest.removeLast() }
    }
    drop()
    let quote = UInt8(ascii: "\"")
    if rest.count >= 2, rest.first == quote, rest.last == quote {
      rest = rest.dropFirst().dropLast()
      drop()
    }
    return rest
  }

  private static let blanks: Set<String> = [
    "nan", "na", "n/a", "#n/a", "null", "none", "-", "--",
  ]

  /// What a cell says: a number, with or without a unit, nothing, or anything else.
  func cell(_ bytes: ArraySlice<UInt8>) -> CurveTable.Cell {
    if bytes.isEmpty { return .missing }
    guard let (value, rest) = number(bytes) else {
      guard bytes.count <= 4 else { return .text }
      let word = String(decoding: bytes, as: UTF8.self).lowercased()
      return Self.blanks.contains(word) ? .missing : .text
    }
    if rest.isEmpty { return .number(value, nil) }
    let suffix = String(decoding: Self.trimmed(rest), as: UTF8.self)
    guard let (unit, exponent) = Quantity.unit(of: suffix) else { return .text }
    return .number(value.shifted(by: exponent), unit)
  }

  /// The number at the beginning of a cell, and what stands behind it. "D" begins an exponent as
  /// "E" does.
  private func number(_ cell: ArraySlice<UInt8>) -> (Double, rest: ArraySlice<UInt8>)? {
    var text: [UInt8] = []
    var rest = cell
    func take(while accepts: (UInt8) -> Bool) -> Int {
      let count = text.count
      while let byte = rest.first, accepts(byte) {
        text.append(byte)
        rest.removeFirst()
      }
      return text.count - count
    }
    func sign() {
      guard let byte = rest.first, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") else {
        return
      }
      text.append(byte)
      rest.removeFirst()
    }
    sign()
    var digits = take(while: Self.isDigit)
    if rest.first == decimal.byte {
      text.append(UInt8(ascii: "."))
      rest.removeFirst()
      digits += take(while: Self.isDigit)
      if text.last == UInt8(ascii: ".") { text.append(UInt8(ascii: "0")) }
    }
    guard digits > 0 else { return nil }
    let (mantissa, suffix) = (text, rest)
    if let byte = rest.first.map({ $0 | 0x20 }),
      byte == UInt8(ascii: "e") || byte == UInt8(ascii: "d")
    {
      text.append(UInt8(ascii: "e"))
      rest.removeFirst()
      sign()
      if take(while: Self.isDigit) == 0 { (text, rest) = (mantissa, suffix) }
    }
    return Double(String(decoding: text, as: UTF8.self)).map { ($0, rest) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
}

extension Double {
  /// The value times a power of ten, rounded once.
  func shifted(by exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<abs(exponent) { power *= 10 }
    return exponent < 0 ? self / power : self * power
  }
}

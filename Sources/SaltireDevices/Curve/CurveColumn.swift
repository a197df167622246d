import SaltireCore

/// A column of a file of reads: its name and what its values are.
struct CurveColumn {
  enum Kind: Equatable {
    case empty
    /// 0, 1, 2, …, which may begin again.
    case counting
    case constant
    /// Two values of opposite sign.
    case signs
    /// Words for up and down.
    case directions
    case words
    case numbers
  }

  let index: Int
  /// The name in the header without the unit; empty if there is none.
  let name: String
  /// The unit in the header or in the cells, and its power of ten.
  let unit: (unit: Unit, exponent: Int)?
  let hasUnitInCells: Bool
  let kind: Kind
  /// The smallest and the largest number.
  let range: ClosedRange<Double>?
  private let tokens: Set<String>

  init(_ index: Int, of table: CurveTable) {
    self.index = index
    let texts = table.header.compactMap { $0.element(at: index) }.filter { !$0.isEmpty }
    var name: [String] = []
    var unit: (unit: Unit, exponent: Int)?
    for text in texts {
      let (rest, found) = Self.divided(text)
      if unit == nil { unit = found }
      if !rest.isEmpty { name.append(rest) }
    }
    self.name = name.joined(separator: " ")
    tokens = Self.tokens(self.name)
    let cells = table.rows.lazy.map { $0.cells.element(at: index) ?? .missing }
    let own = cells.compactMap { if case .number(_, let own) = $0 { own } else { nil } }.first
    hasUnitInCells = own != nil
    self.unit = own.map { ($0, 0) } ?? unit
    let numbers = cells.compactMap(\.number)
    let hasWords = cells.contains { if case .text = $0 { true } else { false } }
    range = numbers.min().flatMap { low in numbers.max().map { low...$0 } }
    if numbers.isEmpty {
      let words = table.rows.lazy.map { table.text($0, index) }
      kind =
        !hasWords
        ? .empty
        : words.allSatisfy { Self.direction($0) != nil } ? .directions : .words
    } else if hasWords {
      kind = 2 * numbers.count > table.rows.count ? .numbers : .words
    } else {
      let distinct = Set(numbers)
      if distinct.count == 1 {
        kind = .constant
      } else if distinct.count == 2, let low = distinct.min(), let high = distinct.max(), low < 0,
        high > 0, numbers.count > 4
      {
        kind = .signs
      } else {
        kind = Self.isCounting(Array(numbers)) ? .counting : .numbers
      }
    }
  }

  /// Whole numbers, each one more than the one before, unless they begin again.
  private static func isCounting(_ numbers: [Double]) -> Bool {
    guard let first = numbers.first, numbers.count >= 3, first == first.rounded() else {
      return false
    }
    return zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 || $1 == first }
      && numbers.element(at: 1) == first + 1
  }

  // MARK: Names

  /// A name and the unit behind it: "G (S)", "G [uS]", "G/µS", "S".
  private static func divided(
    _ text: String
  ) -> (name: String, unit: (unit: Unit, exponent: Int)?) {
    if let unit = Quantity.unit(of: text) { return ("", unit) }
    for (open, close) in [("(", ")"), ("[", "]"), ("/", "")] {
      guard let start = text.lastIndex(of: Character(open)), text.hasSuffix(close) else { continue }
      let inner = String(text[text.index(after: start)...].dropLast(close.count)).trimmed
      if let unit = Quantity.unit(of: inner) { return (String(text[..<start]).trimmed, unit) }
    }
    return (text, nil)
  }

  private static func tokens(_ name: String) -> Set<String> {
    Set(name.lowercased().split { !$0.isLetter }.map(String.init))
  }

  private static let ups: Set<String> = [
    "up", "ltp", "pot", "potentiation", "set", "gup", "rup", "iup", "increase",
  ]
  private static let downs: Set<String> = [
    "down", "dn", "ltd", "dep", "depression", "reset", "gdown", "rdown", "idown", "decrease",
  ]

  /// The direction that a name or a word says.
  static func direction(_ text: String) -> PulseDirection? {
    // As parts of names, "P1" and "D1", the letters say nothing.
    switch text.lowercased() {
    case "p": return .up
    case "d": return .down
    default: return direction(of: tokens(text))
    }
  }

  private static func direction(of tokens: Set<String>) -> PulseDirection? {
    let isUp = !tokens.isDisjoint(with: ups)
    return isUp == !tokens.isDisjoint(with: downs) ? nil : isUp ? .up : .down
  }

  var direction: PulseDirection? { Self.direction(name) }

  /// The name without the word for the direction: "cell 3" of "cell 3 up".
  var stem: String {
    name.split { !$0.isLetter && !$0.isNumber }.filter {
      Self.direction(of: Self.tokens(String($0))) == nil
    }
    .joined(separator: " ")
  }

  private func isNamed(_ words: Set<String>) -> Bool { !tokens.isDisjoint(with: words) }

  /// Whether the name is one of these, and not that of one of several columns: "cycle 3".
  private func isCalled(_ words: Set<String>) -> Bool {
    isNamed(words) && tokens.isSubset(of: words.union(["number", "no", "name", "id"]))
      && !name.contains(where: \.isNumber)
  }

  var isCycle: Bool { isCalled(["cycle", "cycles", "cyc", "loop", "iteration"]) }
  var isDevice: Bool { isCalled(["device", "dev", "cell", "sample"]) }
  /// Whether it can tell the direction of a pulse.
  var isDirection: Bool {
    kind == .directions || kind == .signs
      || isNamed(["direction", "dir", "polarity"]) && kind != .words && kind != .empty
  }
  /// Whether reads may stand in it.
  var isRead: Bool {
    guard kind == .numbers || direction != nil && (kind == .counting || kind == .constant) else {
      return false
    }
    return ![.volt, .second].contains(unit?.unit)
      && !isNamed(["time", "t", "pulse", "pulses", "voltage", "index"]) && !isCycle && !isDevice
      && !isDirection
  }
  /// Whether the name, without a unit, is that of resistances.
  var isResistance: Bool {
    unit?.unit == .ohm
      || unit == nil && isNamed(["r", "resistance", "rup", "rdown", "ohm", "ohms"])
  }

  /// "column 2, \"G\"".
  var title: String { name.isEmpty ? "column \(index + 1)" : "column \(index + 1), \"\(name)\"" }

  /// "column 2, "G", 1e-6 to 5e-6", for messages that ask which column is which.
  var summary: String {
    let what =
      switch kind {
      case .empty: "empty"
      case .counting:
        "counts \(range.map { "\(plain($0.lowerBound)) to \(plain($0.upperBound))" } ?? "")"
      case .constant: "always \(range.map { plain($0.lowerBound) } ?? "")"
      case .signs, .numbers:
        range.map { "\(plain($0.lowerBound)) to \(plain($0.upperBound))" } ?? ""
      case .directions: "words for up and down"
      case .words: "words"
      }
    return "\(title): \(what)"
  }
}

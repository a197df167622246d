import SaltireInstruments

/// The reply to READ? and similar queries: the selected elements in the instrument's order
/// (2400S-900-01, 18-49 to 18-51), and the status bits that the definition names.
struct Reading {
  /// Volts, amperes, seconds, and 1 for compliance.
  private let values: [SettingValue]
  private let settings: Settings
  private let function: String
  private let sensed: [String]

  /// Neither measured nor sourced.
  private static let nothing = 9.91e37

  init(_ values: [SettingValue], _ settings: Settings) {
    self.values = values
    self.settings = settings
    function = settings.word("source.function")
    sensed = settings.list("sense.functions")
  }

  /// - Parameter elements: the elements that the query names; nil for the configured ones.
  func text(_ style: Definition.Style, _ elements: [String]?) -> String {
    var style = style
    let digits = settings.count("format.precision", most: 16)
    if digits > 0 { style.decimals = digits - 1 }
    return (elements ?? settings.list("format.elements")).map {
      SCPIValue.number($0 == "status" ? status(style.readingStatus) : element($0), style)
    }
    .joined(separator: ",")
  }

  private func element(_ name: String) -> Double {
    switch name {
    case "voltage": return quantity("voltage", measured: measured(0))
    case "current": return quantity("current", measured: measured(1))
    case "resistance":
      return sensed.contains("resistance") && measured(1) != 0
        ? measured(0) / measured(1) : Self.nothing
    case "reading": return element(sensed.first ?? "")
    case "source":
      return settings.isOn("source.readback")
        ? measured(function == "current" ? 1 : 0) : settings.number("source.level.\(function)")
    default: return measured(2)
    }
  }

  private func measured(_ index: Int) -> Double {
    if index < values.count, case .number(let value) = values[index] { value } else { Self.nothing }
  }

  /// The measured value, otherwise the programmed one.
  private func quantity(_ name: String, measured: Double) -> Double {
    if sensed.contains(name) { return measured }
    return function == name ? settings.number("source.level.\(name)") : Self.nothing
  }

  private func status(_ bits: [String: Int]) -> Double {
    var facts: Set<String> = ["source_\(function)"]
    facts.formUnion(sensed)
    if settings.word("terminals") == "front" { facts.insert("front") }
    if measured(3) == 1 { facts.insert("limited") }
    if settings.isOn("sense.remote") { facts.insert("remote") }
    return bits.reduce(0) { facts.contains($1.key) ? $0 + Double(1 << $1.value) : $0 }
  }
}

/// The readings and elements that a query selects: `1, 10, "defbuffer1", SOUR, READ`.
struct ReadingChoice {
  /// Nil for the configured elements.
  let elements: [String]?
  /// Range in the buffer, from 1; nil for all.
  private var range: ClosedRange<Int>?

  init(_ arguments: [MessageUnit.Argument], _ node: CommandNode) throws(SCPIFault) {
    guard let first = node.elements.first else {
      elements = nil
      return
    }
    var chosen: [String] = []
    var indices: [Int] = []
    for argument in arguments {
      switch argument {
      case .block: throw .dataType
      case .quoted(let name):
        guard name.lowercased() == node.buffer?.lowercased() else { throw .illegalParameter }
      case .plain(let text):
        if let word = node.elements.first(where: { SCPIValue.matches(text, $0.spelling) }) {
          chosen.append(word.meaning)
        } else {
          guard let index = Int(exactly: try SCPIValue.number(text)) else { throw .dataType }
          indices.append(index)
        }
      }
    }
    elements = chosen.isEmpty ? [first.meaning] : chosen
    guard !indices.isEmpty else { return }
    guard indices.count == 2 else { throw .missingParameter }
    guard indices[0] >= 1, indices[1] >= indices[0] else { throw .outOfRange }
    range = indices[0]...indices[1]
  }

  /// - Parameter all: whether the query is for all readings rather than the latest; without
  ///   elements it is for those of the latest trigger.
  func of(_ readings: [Reading], all: Bool) throws(SCPIFault) -> ArraySlice<Reading> {
    if elements == nil { return readings[...] }
    guard all else { return readings.suffix(1) }
    guard let range else { return readings[...] }
    guard range.upperBound <= readings.count else { throw .outOfRange }
    return readings[(range.lowerBound - 1)..<range.upperBound]
  }
}

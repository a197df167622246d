internal import SaltireInstruments

/// What READ? and its like answer: the elements that the format asks for, in
/// the instrument's own order (2400S-900-01, 18-49 to 18-51).
struct Reading {
  /// Volts, amperes, seconds and 1 where it was in compliance.
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

  func text(_ style: Definition.Style) -> String {
    settings.list("format.elements").map { SCPIValue.number(element($0), style) }
      .joined(separator: ",")
  }

  private func element(_ name: String) -> Double {
    switch name {
    case "voltage": return quantity("voltage", measured: measured(0))
    case "current": return quantity("current", measured: measured(1))
    case "resistance":
      return sensed.contains("resistance") && measured(1) != 0
        ? measured(0) / measured(1) : Self.nothing
    case "time": return measured(2)
    default: return Double(status)
    }
  }

  private func measured(_ index: Int) -> Double {
    if index < values.count, case .number(let value) = values[index] { value } else { Self.nothing }
  }

  /// What was measured, or else what is programmed.
  private func quantity(_ name: String, measured: Double) -> Double {
    if sensed.contains(name) { return measured }
    return function == name ? settings.number("source.level.\(name)") : Self.nothing
  }

  private var status: Int {
    var bits = 0
    if settings.word("terminals") == "front" { bits |= 1 << 2 }
    if measured(3) == 1 { bits |= 1 << 3 }
    for (bit, name) in [(11, "voltage"), (12, "current"), (13, "resistance")]
    where sensed.contains(name) { bits |= 1 << bit }
    bits |= function == "current" ? 1 << 15 : 1 << 14
    if settings.isOn("sense.remote") { bits |= 1 << 22 }
    return bits
  }
}

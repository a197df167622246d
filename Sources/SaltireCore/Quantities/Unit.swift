/// A unit of measurement without a prefix.
public enum Unit: String, Sendable, Hashable, Codable, CaseIterable {
  case volt = "V"
  case ampere = "A"
  case siemens = "S"
  case ohm = "Ω"
  case second = "s"
  case coulomb = "C"
  case voltSecond = "V·s"
  case hertz = "Hz"
  case kelvin = "K"
  case one = ""

  /// The quantity that it measures, for messages.
  public var meaning: String {
    switch self {
    case .volt: "a voltage in V"
    case .ampere: "a current in A"
    case .siemens: "a conductance in S"
    case .ohm: "a resistance in Ω"
    case .second: "a time in s"
    case .coulomb: "a charge in C"
    case .voltSecond: "a voltage times a time in V·s"
    case .hertz: "a frequency in Hz"
    case .kelvin: "a temperature in K"
    case .one: "a plain number"
    }
  }

  /// An example value with the unit.
  public var example: String {
    switch self {
    case .volt: "1.2 V"
    case .ampere: "10 nA"
    case .siemens: "10 nS"
    case .ohm: "1 MΩ"
    case .second: "50 ms"
    case .coulomb: "2 nC"
    case .voltSecond: "3 kV·s"
    case .hertz: "1 kHz"
    case .kelvin: "295 K"
    case .one: "0.5"
    }
  }

  /// All accepted spellings: the symbol and its usual ASCII forms.
  var spellings: [String] {
    switch self {
    case .ohm: ["Ω", "\u{2126}", "Ohm", "ohm"]
    case .voltSecond: ["V·s", "V s", "Vs"]
    case .one: []
    default: [rawValue]
    }
  }
}

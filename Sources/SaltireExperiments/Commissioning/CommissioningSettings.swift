public import SaltireCore
public import SaltirePrograms

/// What is connected to the terminals while a bench is commissioned.
public enum Connected: String, Codable, Sendable, CaseIterable {
  /// Two resistors in place of each device: from drain to row, and from gate to drain.
  case resistors
  case nothing
  case devices
}

/// A protocol of `experiment: commissioning`.
public struct CommissioningSettings: ProtocolDecodable {
  let connected: Connected
  /// Ohms, one for each device; empty without resistors.
  let resistors: [Double]
  let level: Located<Double>
  let integration: Double
  let reads: Int
  let width: Located<Double>
  let settle: Double
  let tolerance: Double
  private let sites: [Wiring.Site]

  enum Keys {
    static let connected = Key<Connected>.choice(
      "connected", "What is connected to the terminals in place of devices, or these.")
    static let resistors = Key.quantities(
      "resistors", .ohm, form: "resistance, or a list with one for each device",
      absent: "none", when: "with `connected: resistors`",
      "The resistors of each device: one from drain to row, and one as large from gate to drain.")
    static let level = Key.quantity(
      "level", .volt, in: 1e-6...10, default: 0.05, "Largest level on any terminal.")
    static let integration = Key.quantity(
      "integration", .second, in: 1e-9...1e6, default: 0.02, "Integration time of every read.")
    static let reads = Key.count(
      "reads", in: 8...100_000, default: 20, "Reads at 0 V, for offset and noise.")
    static let width = Key.quantity(
      "width", .second, in: 1e-12...1e6, default: 0.01, "Width of the pulse before settling.")
    static let settle = Key.quantity(
      "settle", .second, in: 0...1e6, default: 0.05,
      "Time from pulse to read of the protocols; a read that settles later is a fault.")
    static let tolerance = Key.number(
      "tolerance", in: 1e-6...0.5, default: 0.1, "Of stated resistances and amplitudes.")
  }

  public static let keys: [any DeclaredKey] = [
    Keys.connected, Keys.resistors, Keys.level, Keys.integration, Keys.reads, Keys.width,
    Keys.settle, Keys.tolerance,
  ]

  public init(_ reader: Reader, wiring: Wiring) {
    sites = wiring.sites
    connected = reader[Keys.connected].value
    let stated = reader[Keys.resistors].value
    level = reader[Keys.level]
    integration = reader[Keys.integration].value
    reads = reader[Keys.reads].value
    width = reader[Keys.width]
    settle = reader[Keys.settle].value
    tolerance = reader[Keys.tolerance].value
    let isStated = [1, sites.count].contains(stated.count) && stated.allSatisfy { $0 > 0 }
    if connected == .resistors ? !isStated : !stated.isEmpty {
      reader.conclude(
        Diagnostic(
          connected == .resistors
            ? "expected one resistance, or one for each of \(sites.count) devices, above 0 Ω"
            : "resistors are stated, but \(connected.rawValue) connected",
          at: reader.location(of: Keys.resistors) ?? reader.location))
    }
    resistors =
      connected == .resistors && isStated
      ? sites.indices.map { stated[stated.count == 1 ? 0 : $0] } : []
  }

  public var demands: [Demand] {
    let devices = sites.map(\.device)
    return [
      Demand(.drainVoltage, level, "level", of: devices),
      Demand(.gateVoltage, level, "level", of: devices),
      Demand(.gateVoltage, Located(-level.value, at: level.location), "level", of: devices),
      Demand(.gateStep, level, "level", of: devices),
      Demand(.pulseWidth, width, "pulse width", of: devices),
    ]
  }

  /// Nothing is known to be a device before the wiring has been seen.
  public var preflight: [Step] { [] }

  public var isOnDevices: Bool { connected == .devices }
}

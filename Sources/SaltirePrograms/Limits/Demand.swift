public import SaltireCore

/// A value of a protocol that a limit applies to.
public struct Demand: Sendable, Equatable {
  public var kind: LimitViolation.Kind
  /// In the kind's base unit.
  public var value: Located<Double>
  /// What it is, for the message: "pulse amplitude".
  public var what: String
  /// The devices that it is made for; none where it is for all of the bench.
  public var devices: [String]

  public init(
    _ kind: LimitViolation.Kind, _ value: Located<Double>, _ what: String, of devices: [String] = []
  ) {
    self.kind = kind
    self.value = value
    self.what = what
    self.devices = devices
  }
}

extension Limits {
  /// What is wrong with a demand, of the devices that it is made for; nil when it
  /// is within their limits.
  package func diagnostic(_ demand: Demand) -> Diagnostic? {
    (demand.devices.map(of) + (demand.devices.isEmpty ? [self] : [])).lazy
      .compactMap { $0.fault(in: demand) }.first
  }

  private func fault(in demand: Demand) -> Diagnostic? {
    let limit: Located<Double>?
    let unit: Unit
    switch demand.kind {
    case .gateVoltage:
      let end = demand.value.value < 0 ? gateWindow.low : gateWindow.high
      (limit, unit) = (Located(abs(end.value), at: end.location), .volt)
    case .gateStep: (limit, unit) = (gateStep, .volt)
    case .pulseWidth: (limit, unit) = (pulseWidth, .second)
    case .duty: (limit, unit) = (duty, .one)
    case .drainVoltage: (limit, unit) = (drainVoltage, .volt)
    case .pulses: (limit, unit) = (Located(Double(pulses.value), at: pulses.location), .one)
    case .charge, .lifetimePulses, .lifetimeTime, .lifetimeVoltSeconds, .conductance, .leak,
      .terminalVoltage, .compliance, .overflow:
      return nil
    }
    guard let limit, !(abs(demand.value.value) <= limit.value) else { return nil }
    return Diagnostic(
      "\(demand.what) \(Quantity(demand.value.value, unit)) exceeds the bench's limit of"
        + " \(Quantity(limit.value, unit))",
      at: demand.value.location,
      label: limit.location.map { "limit set in \($0.file):\($0.line)" } ?? "")
  }
}

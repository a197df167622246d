package import SaltireCore

// Every comparison with a limit is `Limit.allows(_:)`, directly or by `Limit.require(_:at:)`.
// The calls, from the file to what is read back:
//
//  1. Limits.init              what a gate's window may be, within ±gate.voltage
//  2. Limits.looser            limits of one device, within those of all
//  3. Station.read             what a channel is set up for, within the gate limit
//  4. Limits.fault             demands of a protocol
//  5. Station.voltageFaults    demands of a protocol, on their channels
//  6. Station.widthFaults      demands of a protocol, for what makes the pulses
//  7. ProgramCheck.check       trains and reads of a program
//  8. ProgramCheck.checkDuty   the pace of a program's pulses
//  9. ProgramCheck.hold        a gate's window and step: of programs, and of what they are
//                              lowered to
// 10. LimitedBench.total       pulses and charge of a session
// 11. Lifetime.hold            doses in a device's life
// 12. Lowering.shape           pulses that are too short for what makes them
// 13. LiveBench.Output.hold    a level as it is sent
// 14. Sweep.read               readings of a list, within the current limit
// 15. LimitedBench.inspect     leakage and conductance, as read back
//
// What arming and verification read back is compared by `ReadBack.agrees`: a setting is
// equal to what was asked, or it is not. Whether an instrument is in compliance it says
// itself. `Tests/Mutations/run.py` removes every call; LimitIndexTests holds this list to
// the calls, and the calls to the mutations.

/// The range of a value, with the source location of both ends.
public struct Limit: Sendable, Equatable {
  /// The limited quantity.
  public enum Kind: Sendable, Equatable, CaseIterable {
    case gateVoltage, gateStep, pulseWidth, duty, drainVoltage, pulses, charge
    /// The dose of a device over all sessions.
    case lifetimePulses, lifetimeTime, lifetimeVoltSeconds
    case conductance, leak
    /// The configured voltage of the channel of a row, drain or gate.
    case terminalVoltage
    /// The shortest pulse that the instrument can make.
    case shortestPulse
    /// An output in compliance, or a current beyond its range.
    case compliance, overflow

    /// Whether a violation shows only in measured values.
    public var isMeasured: Bool {
      [.conductance, .leak, .compliance, .overflow].contains(self)
    }

    /// The unit of its values.
    var unit: Unit {
      switch self {
      case .gateVoltage, .gateStep, .drainVoltage, .terminalVoltage: .volt
      case .pulseWidth, .lifetimeTime, .shortestPulse: .second
      case .duty, .pulses, .lifetimePulses: .one
      case .charge: .coulomb
      case .lifetimeVoltSeconds: .voltSecond
      case .conductance: .siemens
      case .leak, .compliance, .overflow: .ampere
      }
    }

    /// Whether the limit applies to the magnitude.
    fileprivate var isMagnitude: Bool { self != .conductance }
  }

  public let kind: Kind
  let least: Double
  let most: Double
  /// Where both ends are set.
  let leastLocation: SourceLocation?
  let mostLocation: SourceLocation?

  /// Both ends in the kind's base unit.
  init(_ kind: Kind, from least: Located<Double>, to most: Located<Double>) {
    self.kind = kind
    (self.least, leastLocation) = (least.value, least.location)
    (self.most, mostLocation) = (most.value, most.location)
  }

  /// A limit on the magnitude of values of either sign.
  package init(_ kind: Kind, upTo most: Located<Double>) {
    self.init(kind, from: Located(-most.value, at: most.location), to: most)
  }

  /// A lower limit.
  package init(_ kind: Kind, from least: Double) {
    self.init(kind, from: Located(least), to: Located(.infinity))
  }

  /// Whether a value is within the range; false for NaN.
  package func allows(_ value: Double) -> Bool { value >= least && value <= most }

  /// Refuses a value that is not within the range.
  ///
  /// - Parameters:
  ///   - value: in the kind's base unit.
  ///   - place: the terminal or device concerned; nil for the whole session.
  ///   - left: the remainder of a limit on a sum.
  package func require(
    _ value: Double, at place: String? = nil, left: Double? = nil
  ) throws(LimitViolation) {
    if allows(value) { return }
    let (end, location) = value < least ? (least, leastLocation) : (most, mostLocation)
    throw LimitViolation(
      kind: kind, value: kind.isMagnitude ? abs(value) : value,
      limit: kind.isMagnitude ? abs(end) : end, place: place, location: location, left: left)
  }
}

extension Limits {
  /// The limit of a kind; nil if there is none, or if instruments enforce it.
  package func limit(_ kind: Limit.Kind) -> Limit? {
    switch kind {
    case .gateVoltage: Limit(kind, from: gateWindow.low, to: gateWindow.high)
    case .gateStep: gateStep.map { Limit(kind, upTo: $0) }
    case .pulseWidth: Limit(kind, upTo: pulseWidth)
    case .duty: duty.map { Limit(kind, upTo: $0) }
    case .drainVoltage: Limit(kind, upTo: drainVoltage)
    case .pulses: Limit(kind, upTo: Located(Double(pulses.value), at: pulses.location))
    case .charge: charge.map { Limit(kind, upTo: $0) }
    case .leak: leak.map { Limit(kind, upTo: $0) }
    case .conductance: conductance.map { Limit(kind, from: $0.low, to: $0.high) }
    case .lifetimePulses:
      lifetime.pulses.map { Limit(kind, upTo: Located(Double($0.value), at: $0.location)) }
    case .lifetimeTime: lifetime.time.map { Limit(kind, upTo: $0) }
    case .lifetimeVoltSeconds: lifetime.voltSeconds.map { Limit(kind, upTo: $0) }
    case .terminalVoltage, .shortestPulse, .compliance, .overflow: nil
    }
  }
}

public import Foundation
import SaltireCore
public import SaltirePrograms

/// The dose of one device in one session.
public struct LedgerEntry: Sendable, Equatable {
  /// The id and the path of the session.
  public var session: String
  public var path: String
  /// When the session began.
  public var begun: Date
  /// The name of the device on its bench.
  public var device: String
  public var identity: DeviceIdentity
  /// While the row is open, the maximum that the limits allow.
  public var dose: Dose
  /// The current limit of its gate in amperes; nil if there was none.
  public var gateCurrent: Double?
  /// Whether the row has not been settled.
  public var isOpen: Bool

  public init(
    session: String, path: String, begun: Date, device: String, identity: DeviceIdentity,
    dose: Dose, gateCurrent: Double?, isOpen: Bool
  ) {
    self.session = session
    self.path = path
    self.begun = begun
    self.device = device
    self.identity = identity
    self.dose = dose
    self.gateCurrent = gateCurrent
    self.isOpen = isOpen
  }

  /// The maximum charge into the gate, in coulombs; nil without a current limit.
  public var charge: Double? { gateCurrent.map { $0 * dose.seconds } }
}

extension Sequence<LedgerEntry> {
  /// The sum of all entries.
  public var dose: Dose { reduce(into: Dose()) { $0.add($1.dose) } }

  /// The maximum charge in coulombs; nil if it is unknown for one entry.
  public var charge: Double? {
    reduce(0.0 as Double?) { sum, entry in
      sum.flatMap { sum in entry.charge.map { sum + $0 } }
    }
  }
}

extension Limits {
  /// The maximum dose of a device in a session with these limits: the widest pulses at the largest
  /// voltage, all on this device.
  package func bound(of device: String) -> Dose {
    let own = of(device)
    var dose = Dose()
    dose.pulses = pulses.value
    dose.halfSelected = pulses.value
    dose.peak = max(-own.gateWindow.low.value, own.gateWindow.high.value)
    dose.seconds = Double(pulses.value) * own.pulseWidth.value
    dose.voltSeconds = dose.seconds * dose.peak
    return dose
  }
}

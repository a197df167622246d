public import Foundation
import SaltireCore
public import SaltirePrograms

/// What one session put one device through.
public struct LedgerEntry: Sendable, Equatable {
  /// The session's own id, and where it is.
  public var session: String
  public var path: String
  /// When it was begun.
  public var begun: Date
  /// What its bench called the device.
  public var device: String
  public var identity: DeviceIdentity
  /// While the session is open the most that its limits allow.
  public var dose: Dose
  /// Amperes that its gate could be sent at most; nil where nothing limited that.
  public var gateCurrent: Double?
  /// Whether nobody has said yet how it ended.
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

  /// The most charge that went into the gate, coulombs; nil where nothing limited
  /// its current.
  public var charge: Double? { gateCurrent.map { $0 * dose.seconds } }
}

extension Sequence<LedgerEntry> {
  /// All of them together.
  public var dose: Dose { reduce(into: Dose()) { $0.add($1.dose) } }

  /// The most charge, coulombs; nil where it is not known of one.
  public var charge: Double? {
    reduce(0.0 as Double?) { sum, entry in
      sum.flatMap { sum in entry.charge.map { sum + $0 } }
    }
  }
}

extension Limits {
  /// The most that a session within these limits can put a device through: the
  /// widest pulses at the largest voltage, all on it.
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

public import SaltireCore

/// A violated limit: the value, the limit and the place.
public struct LimitViolation: Error, Sendable, Equatable {
  public var kind: Limit.Kind
  /// In the kind's base unit.
  public var value: Double
  public var limit: Double
  /// The terminal or device concerned; nil for the whole session.
  public var place: String?
  /// Where the limit is set.
  public var location: SourceLocation?
  /// The remainder of the limit before this request; nil for a limit that is not on a sum.
  public var left: Double?

  package init(
    kind: Limit.Kind, value: Double, limit: Double, place: String?, location: SourceLocation?,
    left: Double? = nil
  ) {
    self.kind = kind
    self.value = value
    self.limit = limit
    self.place = place
    self.location = location
    self.left = left
  }

  /// The violation as one sentence.
  public var message: String {
    let at = place.map { " on \($0)" } ?? ""
    return switch kind {
    case .gateVoltage:
      "gate voltage \(Quantity(value, .volt))\(at) exceeds the gate limit \(Quantity(limit, .volt))"
    case .gateStep:
      "a gate voltage step of \(Quantity(value, .volt))\(at) exceeds the limit"
        + " \(Quantity(limit, .volt))"
    case .pulseWidth:
      "pulse width \(Quantity(value, .second))\(at) exceeds the limit \(Quantity(limit, .second))"
    case .duty:
      "the duty cycle of the pulses\(at) is \(Quantity(value, .one).formatted(digits: 3)),"
        + " above the limit \(Quantity(limit, .one).formatted(digits: 3))"
    case .drainVoltage:
      "drain voltage \(Quantity(value, .volt))\(at) exceeds the limit \(Quantity(limit, .volt))"
    case .pulses:
      (value.isFinite ? Quantity(value, .one).description : "an unlimited number of")
        + " pulses exceed the \(Quantity(limit, .one)) allowed in one session"
    case .charge:
      "a gate charge of up to \(Quantity(value, .coulomb).formatted(digits: 3)) exceeds the"
        + " \(Quantity(limit, .coulomb)) allowed in one session"
    case .lifetimePulses: lifetime(.one, "pulses")
    case .lifetimeTime: lifetime(.second, "while its gate is not at 0 V")
    case .lifetimeVoltSeconds: lifetime(.voltSecond, "on its gate")
    case .conductance:
      "conductance \(Quantity(value, .siemens).formatted(digits: 4))\(at) is outside the"
        + " conductance window, whose bound is"
        + " \(Quantity(limit, .siemens).formatted(digits: 4))\(suspicion)"
    case .leak:
      "leakage of \(Quantity(value, .ampere).formatted(digits: 3))\(at) exceeds the limit of"
        + " \(Quantity(limit, .ampere))"
    case .terminalVoltage:
      "\(Quantity(value, .volt))\(at) exceeds the \(Quantity(limit, .volt)) configured for"
        + " its channel"
    case .shortestPulse:
      "a pulse of \(Quantity(value, .second))\(at) is shorter than the shortest allowed,"
        + " \(Quantity(limit, .second))"
    case .compliance:
      "\(place ?? "an SMU") is in compliance"
        + (value.isNaN ? "" : ", at \(Quantity(value, .ampere).formatted(digits: 4))")
    case .overflow:
      "the current\(at) exceeds the measurement range"
    }
  }

  private func lifetime(_ unit: Unit, _ what: String) -> String {
    // Sums are rounded, because their last digits carry no information; counts are not.
    func text(_ value: Double) -> String {
      unit == .one
        ? Quantity(value, unit).description : Quantity(value, unit).formatted(digits: 6)
    }
    return "\(place ?? "a device") would reach \(text(value)) \(what) in its lifetime;"
      + " \(text(limit)) are allowed and \(text(left ?? 0)) remain"
  }

  /// The likely cause of a conductance far outside its window.
  private var suspicion: String {
    if value < limit / 5 { return ": is the device open or not connected?" }
    return value > 5 * limit ? ": is the device shorted?" : ""
  }
}

extension BenchError {
  /// Runs `body` and wraps a violation in a `BenchError`.
  package static func limited<Value>(
    _ body: () throws(LimitViolation) -> Value
  ) throws(BenchError) -> Value {
    do throws(LimitViolation) { return try body() } catch { throw .limit(error) }
  }
}

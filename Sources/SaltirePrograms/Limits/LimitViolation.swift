public import SaltireCore

/// A limit, what was asked or seen, and where.
public struct LimitViolation: Error, Sendable, Equatable {
  public var kind: Limit.Kind
  /// In the kind's base unit.
  public var value: Double
  public var limit: Double
  /// The terminal or device concerned; nil where it is the whole session.
  public var place: String?
  /// Where the limit is set.
  public var location: SourceLocation?
  /// What was left of the limit before this was asked for; nil where it is no
  /// limit on a sum.
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

  /// What exceeds what, in one sentence.
  public var message: String {
    let at = place.map { " on \($0)" } ?? ""
    return switch kind {
    case .gateVoltage:
      "gate voltage \(Quantity(value, .volt))\(at) exceeds the gate limit \(Quantity(limit, .volt))"
    case .gateStep:
      "a step of the gate by \(Quantity(value, .volt))\(at) exceeds the limit"
        + " \(Quantity(limit, .volt))"
    case .pulseWidth:
      "pulse width \(Quantity(value, .second))\(at) exceeds the limit \(Quantity(limit, .second))"
    case .duty:
      "pulses last for \(Quantity(value, .one).formatted(digits: 3)) of the time\(at), and the"
        + " limit is \(Quantity(limit, .one).formatted(digits: 3))"
    case .drainVoltage:
      "drain voltage \(Quantity(value, .volt))\(at) exceeds the limit \(Quantity(limit, .volt))"
    case .pulses:
      (value.isFinite ? Quantity(value, .one).description : "more than can be counted")
        + " pulses exceed the \(Quantity(limit, .one)) allowed in one session"
    case .charge:
      "up to \(Quantity(value, .coulomb).formatted(digits: 3)) into the gates exceed the"
        + " \(Quantity(limit, .coulomb)) allowed in one session"
    case .lifetimePulses: lifetime(.one, "pulses")
    case .lifetimeTime: lifetime(.second, "with its gate not at 0 V")
    case .lifetimeVoltSeconds: lifetime(.voltSecond, "on its gate")
    case .conductance:
      "conductance \(Quantity(value, .siemens).formatted(digits: 4))\(at) is outside the window"
        + " that ends at \(Quantity(limit, .siemens).formatted(digits: 4))\(suspicion)"
    case .leak:
      "leakage of \(Quantity(value, .ampere).formatted(digits: 3))\(at) exceeds the limit of"
        + " \(Quantity(limit, .ampere))"
    case .terminalVoltage:
      "\(Quantity(value, .volt))\(at) exceeds the \(Quantity(limit, .volt)) that its channel is set"
        + " up for"
    case .shortestPulse:
      "a pulse of \(Quantity(value, .second))\(at) is shorter than \(Quantity(limit, .second))"
    case .compliance:
      "\(place ?? "an SMU") is in compliance"
        + (value.isNaN ? "" : ", at \(Quantity(value, .ampere).formatted(digits: 4))")
    case .overflow:
      "the current\(at) exceeds the measurement range"
    }
  }

  private func lifetime(_ unit: Unit, _ what: String) -> String {
    // Such numbers are sums: their last digits say nothing, but a pulse is a pulse.
    func text(_ value: Double) -> String {
      unit == .one
        ? Quantity(value, unit).description : Quantity(value, unit).formatted(digits: 6)
    }
    return "\(place ?? "a device") would have had \(text(value)) \(what), and \(text(limit)) are"
      + " allowed in its life: \(text(left ?? 0)) are left"
  }

  /// What a conductance far beyond its window looks like.
  private var suspicion: String {
    if value < limit / 5 { return ": is it open, or not connected?" }
    return value > 5 * limit ? ": is it shorted?" : ""
  }
}

extension BenchError {
  /// What a limit refuses, as a bench says it.
  package static func limited<Value>(
    _ body: () throws(LimitViolation) -> Value
  ) throws(BenchError) -> Value {
    do throws(LimitViolation) { return try body() } catch { throw .limit(error) }
  }
}

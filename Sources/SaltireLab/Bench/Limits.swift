public import SaltireCore

/// What no program may exceed, from the bench file.
public struct Limits: Sendable, Equatable {
  /// Largest |gate − row|, and largest |level| of either line alone, volts.
  public var gateVoltage: Located<Double>
  /// Longest gate pulse, seconds.
  public var pulseWidth: Located<Double>
  /// Largest |drain − row| in a read, volts.
  public var drainVoltage: Located<Double>
  /// Most pulses in one session.
  public var pulses: Located<Int>
  /// Conductances that a single-device read may show, siemens; beyond them
  /// the run stops.
  public var conductance: Located<ClosedRange<Double>>?

  /// Reads the `limits` section of a bench file. Every limit must be there:
  /// a limit that is merely forgotten protects nothing.
  public init(_ reader: Reader) {
    let gate = reader.section("gate", required: true)
    gateVoltage = gate.quantity("voltage", .volt, in: 0...1000)
    pulseWidth = gate.quantity("width", .second, in: 0...1e6)
    drainVoltage = reader.section("drain", required: true).quantity(
      "voltage", .volt, in: 0...1000)
    pulses = reader.section("session", required: true).count("pulses", in: 1...Int.max)
    if reader.has("conductance") {
      let window = reader.section("conductance")
      let low = window.quantity("min", .siemens, in: 0...1)
      let high = window.quantity("max", .siemens, in: 0...1)
      if low.value > high.value {
        reader.report(
          Diagnostic("the conductance window ends below its beginning", at: high.location))
      } else {
        conductance = Located(low.value...high.value, at: low.location)
      }
    }
  }

  /// The limits in force as the session's manifest records them.
  public var summary: [String: String] {
    var all = [
      "gate.voltage": Quantity(gateVoltage.value, .volt).description,
      "gate.width": Quantity(pulseWidth.value, .second).description,
      "drain.voltage": Quantity(drainVoltage.value, .volt).description,
      "session.pulses": "\(pulses.value)",
    ]
    if let window = conductance?.value {
      all["conductance.min"] = Quantity(window.lowerBound, .siemens).description
      all["conductance.max"] = Quantity(window.upperBound, .siemens).description
    }
    return all
  }
}

/// A limit, what was asked or seen, and where.
public struct LimitViolation: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case gateVoltage, pulseWidth, drainVoltage, pulses, conductance
    /// What the channel of a row, drain or gate is set up for.
    case terminalVoltage
    /// An instrument at its current limit, or a current beyond its range.
    case compliance, overflow

    /// Whether it shows only when it has happened.
    public var isMeasured: Bool { [.conductance, .compliance, .overflow].contains(self) }
  }

  public var kind: Kind
  /// In the kind's base unit.
  public var value: Double
  public var limit: Double
  /// The terminal or device concerned; nil where it is the whole session.
  public var place: String?
  /// Where the limit is set.
  public var location: SourceLocation?

  /// What exceeds what, in one sentence.
  public var message: String {
    let at = place.map { " on \($0)" } ?? ""
    return switch kind {
    case .gateVoltage:
      "gate voltage \(Quantity(value, .volt))\(at) exceeds the gate limit \(Quantity(limit, .volt))"
    case .pulseWidth:
      "pulse width \(Quantity(value, .second))\(at) exceeds the limit \(Quantity(limit, .second))"
    case .drainVoltage:
      "drain voltage \(Quantity(value, .volt))\(at) exceeds the limit \(Quantity(limit, .volt))"
    case .pulses:
      "\(Int(value)) pulses exceed the \(Int(limit)) allowed in one session"
    case .conductance:
      "conductance \(Quantity(value, .siemens).formatted(digits: 4))\(at) is outside the window"
        + " that ends at \(Quantity(limit, .siemens).formatted(digits: 4))"
    case .terminalVoltage:
      "\(Quantity(value, .volt))\(at) is more than the \(Quantity(limit, .volt)) of that terminal"
    case .compliance:
      "the instrument\(at) is at its current limit"
        + (value.isNaN ? "" : ", at \(Quantity(value, .ampere).formatted(digits: 4))")
    case .overflow:
      "the current\(at) is beyond the range of its instrument"
    }
  }
}

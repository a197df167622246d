import SaltireCore

extension Limits {
  /// A limit of one device that is less strict than the limit of the bench.
  struct Looser {
    var key: String
    var own: String
    var all: String
    var location: SourceLocation?
    /// Where the limit of the bench is set.
    var other: SourceLocation?

    func diagnostic(of device: String) -> Diagnostic {
      let place = other.map { " at \($0.reference)" } ?? ""
      return Diagnostic(
        "\(key) of \(device), \(own), is less strict than the limit of the bench, \(all)\(place)",
        at: location,
        hints: ["the limits of one device may only be stricter than those of all devices"])
    }
  }

  /// The limits of this device that are less strict than `all`.
  func looser(than all: Limits) -> [Looser] {
    var found: [Looser] = []
    func compare(
      _ key: String, _ kind: Limit.Kind, _ own: Located<Double>?, _ other: Located<Double>?
    ) {
      guard let own, let other, !Limit(kind, upTo: other).allows(own.value) else { return }
      found.append(
        Looser(
          key: key, own: Quantity(own.value, kind.unit).description,
          all: Quantity(other.value, kind.unit).description, location: own.location,
          other: other.location))
    }
    func negated(_ end: Located<Double>) -> Located<Double> {
      Located(-end.value, at: end.location)
    }
    compare("gate.voltage", .gateVoltage, gateVoltage, all.gateVoltage)
    compare("gate.max", .gateVoltage, gateWindow.high, all.gateWindow.high)
    compare("-gate.min", .gateVoltage, negated(gateWindow.low), negated(all.gateWindow.low))
    compare("gate.step", .gateStep, gateStep, all.gateStep)
    compare("gate.width", .pulseWidth, pulseWidth, all.pulseWidth)
    compare("gate.duty", .duty, duty, all.duty)
    compare("drain.voltage", .drainVoltage, drainVoltage, all.drainVoltage)
    compare("leak", .leak, leak, all.leak)
    return found
  }
}

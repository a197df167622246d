import SaltireCore

extension Limits {
  /// A limit of a device that allows more than the bench's.
  struct Looser {
    var key: String
    var own: String
    var all: String
    var location: SourceLocation?
    /// Where the bench's is set.
    var other: SourceLocation?

    func diagnostic(of device: String) -> Diagnostic {
      let place = other.map { " at \($0.reference)" } ?? ""
      return Diagnostic(
        "\(key) of \(device), \(own), allows more than the bench's limit of \(all)\(place)",
        at: location, hints: ["the limits of a device may only be stricter than those of all"])
    }
  }

  /// What this device's limits allow beyond those of all.
  func looser(than all: Limits) -> [Looser] {
    var found: [Looser] = []
    func compare(
      _ key: String, _ own: Located<Double>?, _ other: Located<Double>?, _ unit: Unit
    ) {
      guard let own, let other, own.value > other.value else { return }
      found.append(
        Looser(
          key: key, own: Quantity(own.value, unit).description,
          all: Quantity(other.value, unit).description, location: own.location,
          other: other.location))
    }
    func negated(_ end: Located<Double>) -> Located<Double> {
      Located(-end.value, at: end.location)
    }
    compare("gate.voltage", gateVoltage, all.gateVoltage, .volt)
    compare("gate.max", gateWindow.high, all.gateWindow.high, .volt)
    compare("-gate.min", negated(gateWindow.low), negated(all.gateWindow.low), .volt)
    compare("gate.step", gateStep, all.gateStep, .volt)
    compare("gate.width", pulseWidth, all.pulseWidth, .second)
    compare("gate.duty", duty, all.duty, .one)
    compare("drain.voltage", drainVoltage, all.drainVoltage, .volt)
    compare("leak", leak, all.leak, .ampere)
    return found
  }
}

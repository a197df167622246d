public import SaltireDevices

/// Conductances read while pulses of one direction were applied one by one.
public struct Branch: Sendable, Equatable {
  public var direction: PulseDirection
  /// Siemens: the read before the first pulse, then the read after each.
  public var conductances: [Double]

  public init(direction: PulseDirection, conductances: [Double]) {
    self.direction = direction
    self.conductances = conductances
  }
}

/// The branches of a crossed-swords measurement in order, each beginning where the previous one
/// ended.
public struct PulseResponse: Sendable, Equatable {
  public var branches: [Branch]

  public init(branches: [Branch]) { self.branches = branches }

  /// The window that the pulses covered, in siemens: from the mean of the last reads of the down
  /// branches to that of the up branches. A device that reached its bounds is at them by then.
  var window: ClosedRange<Double>? {
    func end(_ direction: PulseDirection) -> Double? {
      let tails = branches.filter { $0.direction == direction }.map {
        $0.conductances.suffix(min(5, max($0.conductances.count / 20, 1)))
      }
      let reads = tails.flatMap(\.self)
      return reads.isEmpty ? nil : reads.reduce(0, +) / Double(reads.count)
    }
    guard let low = end(.down), let high = end(.up), high > low else { return nil }
    return low...high
  }
}

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

  /// The cycles of a measured curve. Each down branch begins at the last read of the up branch
  /// before it; where an up branch began is not known.
  public init(_ curve: MeasuredCurve) {
    branches = curve.cycles.flatMap { cycle in
      [
        Branch(direction: .up, conductances: cycle.up),
        Branch(direction: .down, conductances: cycle.up.suffix(1) + cycle.down),
      ]
    }
  }

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

  /// Whether the reads vary more than by their noise.
  ///
  /// The mean square of successive differences is twice the variance of independent reads around a
  /// constant; the ratio of both is 1 with a standard deviation of 1/√n (J. von Neumann, Ann. Math.
  /// Stat. 12, 367 (1941)). Any drift lowers it. Too few reads tell nothing and count as responsive.
  var isResponsive: Bool {
    let reads = branches.flatMap(\.conductances)
    let count = Double(reads.count)
    guard reads.count >= Self.fewest else { return true }
    let mean = reads.reduce(0, +) / count
    let variance = reads.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let differences = branches.flatMap { zip($0.conductances, $0.conductances.dropFirst()) }
    let noise =
      differences.reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) } / Double(differences.count) / 2
    return noise < variance * (1 - 3 / count.squareRoot())
  }

  private static let fewest = 30
}

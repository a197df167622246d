/// Evaluates a zero-shifting train block by block: whether it has converged, and where the symmetry
/// point is.
///
/// A pair is an up pulse and a down pulse, both followed by a read. Each pair brings the device
/// nearer to its symmetry point. A single read is off by half a step, so both reads are averaged,
/// and the remaining offset (see ``PairStatistics``) is corrected. Blocks are at least N_e pairs
/// long: shorter blocks would agree with each other long before the device has arrived.
public struct ZeroShift: Sendable {
  /// When to stop.
  public struct Rule: Sendable, Equatable {
    /// The maximum number of pairs.
    public var maximumPairs: Int
    /// Continue until the standard error is at most this many weight units.
    public var standardError: Double
    /// Blocks agree when their means differ by at most this many weight units
    /// or three standard errors of a block mean, whichever is larger.
    public var tolerance: Double

    public init(maximumPairs: Int, standardError: Double, tolerance: Double = 0.01) {
      self.maximumPairs = maximumPairs
      self.standardError = standardError
      self.tolerance = tolerance
    }
  }

  /// Pairs in a block: N_e, rounded up.
  public let blockLength: Int
  /// Mean of every block's pairs, siemens.
  public private(set) var blockMeans: [Double] = []
  /// Mean of the two reads of every pair, siemens.
  public private(set) var pairs: [Double] = []
  public private(set) var isConverged = false

  private let rule: Rule
  private let statistics: PairStatistics
  private let weightScale: Double
  private var agreeing = 0

  /// Starts a train on a device with these statistics.
  ///
  /// - Parameters:
  ///   - rule: when to stop.
  ///   - statistics: the device's relaxation and noise, from its swords.
  ///   - weightScale: siemens per weight unit, for the rule.
  public init(rule: Rule, statistics: PairStatistics, weightScale: Double) {
    self.rule = rule
    self.statistics = statistics
    self.weightScale = weightScale
    blockLength = max(Int(statistics.relaxation.rounded(.up)), 10)
  }

  /// Whether another block is needed and allowed.
  public var wantsMore: Bool { !isConverged && pairs.count + blockLength <= rule.maximumPairs }

  /// Adds one block: the reads after the up pulses and after the down pulses, in siemens,
  /// ``blockLength`` of each.
  public mutating func add(up: [Double], down: [Double]) {
    let block = zip(up, down).map { ($0 + $1) / 2 }
    guard !block.isEmpty else { return }
    let before = blockMeans.last
    let mean = block.reduce(0, +) / Double(block.count)
    pairs += block
    blockMeans.append(mean)
    guard let before else { return }
    let error = statistics.standardError(ofMeanOver: block.count)
    let agrees = abs(mean - before) < max(3 * error, rule.tolerance * weightScale)
    agreeing = agrees ? agreeing + 1 : 0
    isConverged =
      agreeing >= 2 && drift <= max(2 * driftError, rule.tolerance * weightScale)
      && standardError(of: settled) <= rule.standardError * weightScale
  }

  /// The symmetry point from the mean of all pairs after the first block, during which the device
  /// may still have been approaching, with its standard error in siemens; nil before the first
  /// block.
  public var estimate: Estimate? {
    let settled = settled
    guard !settled.isEmpty else { return nil }
    let mean = settled.reduce(0, +) / Double(settled.count)
    return Estimate(
      value: mean - statistics.offset, standardError: standardError(of: settled), unit: "S")
  }

  private var settled: ArraySlice<Double> {
    pairs.dropFirst(min(blockLength, max(pairs.count - blockLength, 0)))
  }

  private func standardError(of settled: ArraySlice<Double>) -> Double {
    statistics.standardError(ofMeanOver: settled.count)
  }

  /// The remaining drift over the last block:
  /// |its end − its beginning|, in siemens.
  private var drift: Double {
    guard let last = pairs.last else { return 0 }
    return abs(last - pairs[max(pairs.count - blockLength, 0)])
  }

  /// The standard deviation of that difference for a settled device.
  private var driftError: Double {
    let process = statistics.stationaryNoise * statistics.stationaryNoise
    let read =
      statistics.readNoise * statistics.readNoise / 2
      + statistics.fluctuation * statistics.fluctuation
    return (2 * (process + read)).squareRoot()
  }
}

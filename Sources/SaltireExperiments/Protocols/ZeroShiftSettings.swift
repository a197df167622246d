public import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltirePrograms
import SaltireRecords

/// A protocol's `zero_shift` section: when a zero-shifting train ends.
struct ZeroShiftSettings: Sendable {
  let rule: ZeroShift.Rule

  init(_ reader: Reader) {
    let section = reader.section("zero_shift", required: true)
    rule = ZeroShift.Rule(
      maximumPairs: section.count("pairs", in: 10...10_000_000).value,
      standardError: section.number("standard_error", default: 0.01, in: 1e-6...10).value,
      tolerance: section.number("tolerance", default: 0.01, in: 1e-6...10).value)
  }
}

/// What a zero-shifting train found, as a session notes it.
public struct ZeroShiftFinding: Codable, Sendable, Equatable {
  /// Pairs in a block.
  public var blockLength: Int
  /// Siemens.
  public var blockMeans: [Double]
  /// Standard error of one block's mean, siemens.
  public var blockError: Double
  /// The symmetry point; nil when not even one block was allowed.
  public var estimate: Estimate?
  public var converged: Bool
  public var pairs: Int
}

extension Lab {
  /// Shifts one device to its symmetry point by alternating pairs, noting
  /// every read. The device stays there.
  ///
  /// The train begins where the swords cross, so that it measures instead of
  /// travelling; nil where the swords show no symmetry point.
  mutating func zeroShift(
    _ site: Wiring.Site, after swords: CrossedSwords, _ zeroShift: ZeroShiftSettings,
    _ settings: PulseSettings
  ) async throws(BenchError) -> ZeroShiftFinding? {
    guard let crossing = swords.crossing, let statistics = PairStatistics(swords) else {
      return nil
    }
    try note(.phase("zero shift \(site.device)"))
    try await bring(site, to: crossing.value, step: swords.step, settings)
    let table = Note.Table(
      "zero-shift \(site.device)",
      [.init("pair"), .init("up", unit: "S"), .init("down", unit: "S")])
    var shift = ZeroShift(
      rule: zeroShift.rule, statistics: statistics, weightScale: swords.weightScale)
    var pair = 0
    while shift.wantsMore {
      var up: [Double] = []
      var down: [Double] = []
      while up.count < shift.blockLength {
        let reads = try await pairs(site, min(50, shift.blockLength - up.count), settings)
        var rows: [Double] = []
        for (up, down) in zip(reads.up, reads.down) {
          pair += 1
          rows += [Double(pair), up, down]
        }
        up += reads.up
        down += reads.down
        try note(.rows(table, rows))
      }
      shift.add(up: up, down: down)
    }
    let finding = ZeroShiftFinding(
      blockLength: shift.blockLength, blockMeans: shift.blockMeans,
      blockError: statistics.standardError(ofMeanOver: shift.blockLength),
      estimate: shift.estimate, converged: shift.isConverged, pairs: shift.pairs.count)
    try note("zero-shift \(site.device)", finding)
    return finding
  }

  /// Gives one device alternating pairs of pulses in one program, and returns
  /// the reads behind both pulses of each, siemens.
  mutating func pairs(
    _ site: Wiring.Site, _ count: Int, _ settings: PulseSettings
  ) async throws(BenchError) -> (up: [Double], down: [Double]) {
    let observations = try await perform(
      Program([
        .repeat(
          count,
          [
            settings.pulse(site, .up), .rest(settings.settle), settings.read(site),
            settings.pulse(site, .down), .rest(settings.settle), settings.read(site),
          ])
      ]))
    let reads = observations.currents.map { settings.conductance($0, of: site) }
    return (
      stride(from: 0, to: reads.count, by: 2).map { reads[$0] },
      stride(from: 1, to: reads.count, by: 2).map { reads[$0] }
    )
  }
}

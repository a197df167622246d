public import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltirePrograms
import SaltireRecords

/// The reads of every pair of a zero-shifting train, for one device.
enum ZeroShiftTable: String, RecordedTable {
  /// From 1.
  case pair
  /// After the up pulse and after the down pulse.
  case up, down

  static let name = "zero-shift"
  var unit: String { self == .pair ? "" : "S" }
}

extension Finding where Value == ZeroShiftFinding {
  static var zeroShift: Finding { Finding("zero-shift") }
}

/// The result of a zero-shifting train, as recorded in a session.
public struct ZeroShiftFinding: Codable, Sendable, Equatable {
  /// The number of pairs in a block.
  public var blockLength: Int
  /// Siemens.
  public var blockMeans: [Double]
  /// Standard error of one block's mean, siemens.
  public var blockError: Double
  /// The symmetry point; nil if the protocol allows less than one block.
  public var estimate: Estimate?
  public var converged: Bool
  public var pairs: Int
}

extension Lab {
  /// Shifts one device to its symmetry point with alternating pulse pairs and records every read.
  /// The device stays there.
  ///
  /// The train starts where the swords cross, so that few pairs are spent on approaching the
  /// symmetry point. Returns nil if the swords show no symmetry point.
  mutating func zeroShift(
    _ site: Wiring.Site, after swords: CrossedSwords, _ zeroShift: ZeroShiftSettings,
    _ settings: PulseSettings
  ) async throws(BenchError) -> ZeroShiftFinding? {
    guard let crossing = swords.crossing, let statistics = PairStatistics(swords) else {
      return nil
    }
    try note(.phase("zero shift \(site.device)"))
    try await bring(site, to: crossing.value, step: swords.step, settings)
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
        try record(ZeroShiftTable.self, of: site.device, rows)
      }
      shift.add(up: up, down: down)
    }
    return try find(.zeroShift, of: site.device) {
      ZeroShiftFinding(
        blockLength: shift.blockLength, blockMeans: shift.blockMeans,
        blockError: statistics.standardError(ofMeanOver: shift.blockLength),
        estimate: shift.estimate, converged: shift.isConverged, pairs: shift.pairs.count)
    }.get()
  }
}

import Foundation
import SaltireAnalysis
import SaltireCore
import SaltireDevices
import Testing

/// The symmetry point from a train of pairs, whatever its starting point.
@Suite struct SymmetryTrainTests {
  /// The mean reads of `count` pairs on a device.
  private func pairs(
    _ count: Int, on device: inout Device, readNoise: Double = 0.005, random: inout RandomStream
  ) -> [Double] {
    (0..<count).map { _ in
      var sum = 0.0
      for direction in [PulseDirection.up, .down] {
        device.pulse(direction, random: &random)
        sum += device.weight + readNoise * random.normal()
      }
      return sum / 2
    }
  }

  /// Estimates of `count` pairs that begin `distance` weight units from the
  /// symmetry point, on 96 drawn devices of 24 seeds: deviations from the truth
  /// and their standard errors.
  private func deviations(
    _ count: Int, from distance: Double
  ) throws -> [(deviation: Double, error: Double)] {
    try (UInt64(0)..<96).map { index in
      var random = RandomStream(seed: 700 + index / 4, stream: index % 4)
      var device = bench500().draw(&random)
      let swords = try CrossedSwords(
        response(of: &device, pulses: 1000, cycles: 3, readNoise: 0.005, random: &random))
      let statistics = try #require(PairStatistics(swords))
      let truth = try #require(device.symmetryPoint)
      device.place(at: truth + distance)
      let estimate = try #require(
        statistics.symmetryPoint(of: pairs(count, on: &device, random: &random)))
      return (estimate.value - truth, estimate.standardError)
    }
  }

  /// Trains of half a relaxation and of one, from the symmetry point and from
  /// the distances that training leaves: 95 % intervals hold the truth in at
  /// least 84 of 96 devices (88 %), and the mean is off by no more than 0.015.
  @Test(arguments: [100, 200], [-0.2, 0, 0.2])
  func intervalsCoverFromWhereverTheyBegin(count: Int, distance: Double) throws {
    let found = try deviations(count, from: distance)
    let covered = found.filter { abs($0.deviation) < 1.96 * $0.error }.count
    let mean = found.reduce(0) { $0 + $1.deviation } / Double(found.count)
    #expect(covered >= 84, "\(covered)")
    #expect(abs(mean) <= 0.015, "\(mean)")
    let rms = (found.reduce(0) { $0 + $1.deviation * $1.deviation } / Double(found.count))
      .squareRoot()
    let error = found.reduce(0) { $0 + $1.error } / Double(found.count)
    // The intervals are neither too wide nor too narrow.
    #expect(rms / error > 0.8 && rms / error < 1.25, "\(rms / error)")
  }

  /// A long train has arrived: its estimate is that of zero-shifting, the mean
  /// with the standard error of the mean. Over 8 seeds they differ by a third
  /// of that error at most.
  @Test func aLongTrainIsZeroShifting() throws {
    for seed in UInt64(1)...8 {
      var random = RandomStream(seed: seed)
      var device = bench500().draw(&random)
      let swords = try CrossedSwords(
        response(of: &device, pulses: 600, cycles: 3, readNoise: 0.005, random: &random))
      let statistics = try #require(PairStatistics(swords))
      device.place(at: try #require(device.symmetryPoint))
      let all = pairs(20_000, on: &device, random: &random)
      let estimate = try #require(statistics.symmetryPoint(of: all))
      let mean = all.reduce(0, +) / Double(all.count) - statistics.offset
      let error = statistics.standardError(ofMeanOver: all.count)
      #expect(abs(estimate.standardError / error - 1) < 0.05)
      #expect(abs(estimate.value - mean) < error / 3)
    }
  }

  /// Without noise in device and reads, any train gives the exact point.
  @Test func aQuietTrainIsExact() throws {
    var random = RandomStream(seed: 3)
    var noisy = bench500().withoutSpread().draw(&random)
    var statistics = try #require(
      PairStatistics(
        try CrossedSwords(
          response(of: &noisy, pulses: 600, cycles: 3, readNoise: 0.005, random: &random))))
    statistics.contraction = 0.99
    statistics.offset = 0.001
    let train = (1...20).map { 0.3 + 0.001 + 0.2 * pow(0.99, Double($0)) }
    let estimate = try #require(statistics.symmetryPoint(of: train))
    #expect(abs(estimate.value - 0.3) < 1e-9)
    #expect(statistics.symmetryPoint(of: [0.3]) == nil)
    #expect(statistics.symmetryPoint(of: []) == nil)
  }
}

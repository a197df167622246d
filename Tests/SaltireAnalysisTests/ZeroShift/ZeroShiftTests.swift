import SaltireAnalysis
import SaltireCore
import SaltireDevices
import Testing

@Suite struct ZeroShiftTests {
  private static let rule = ZeroShift.Rule(maximumPairs: 3000, standardError: 0.01)

  /// Applies pairs to `device` with noisy reads, until the rule is satisfied.
  private func shift(
    _ device: inout Device, _ swords: CrossedSwords, readNoise: Double = 0.005,
    rule: ZeroShift.Rule = ZeroShiftTests.rule, random: inout RandomStream
  ) throws -> ZeroShift {
    let statistics = try #require(PairStatistics(swords))
    var shift = ZeroShift(rule: rule, statistics: statistics, weightScale: swords.weightScale)
    while shift.wantsMore {
      var up: [Double] = []
      var down: [Double] = []
      for _ in 0..<shift.blockLength {
        device.pulse(.up, random: &random)
        up.append(device.weight + readNoise * random.normal())
        device.pulse(.down, random: &random)
        down.append(device.weight + readNoise * random.normal())
      }
      shift.add(up: up, down: down)
    }
    return shift
  }

  /// 100 drawn devices from near the point that 3 cycles of swords gave: the
  /// 95 % interval holds the truth in at least 85, the error is within 0.03
  /// weight units in at least 90, and all converge.
  @Test func standardErrorsAreCalibrated() throws {
    var covered = 0
    var close = 0
    var converged = 0
    for index in UInt64(0)..<100 {
      var random = RandomStream(seed: 200 + index / 4, stream: index % 4)
      var device = bench500().draw(&random)
      let swords = try CrossedSwords(
        response(of: &device, pulses: 600, cycles: 3, readNoise: 0.005, random: &random))
      device.place(at: try #require(swords.symmetryPoint).value)
      let shift = try shift(&device, swords, random: &random)
      let estimate = try #require(shift.estimate)
      let error = estimate.value - (try #require(device.symmetryPoint))
      if abs(error) < 1.96 * estimate.standardError { covered += 1 }
      if abs(error) <= 0.03 { close += 1 }
      if shift.isConverged { converged += 1 }
    }
    #expect(covered >= 85, "\(covered)")
    #expect(close >= 90, "\(close)")
    #expect(converged >= 95, "\(converged)")
  }

  /// With few states and little noise the mean of the reads misses the
  /// symmetry point by more than its error; the estimate must not: covered in
  /// at least 50 of 60 devices of 50 states.
  @Test func fewStatesAreNoBias() throws {
    var covered = 0
    for index in UInt64(0)..<60 {
      var random = RandomStream(seed: 300 + index)
      var model = bench500()
      model.step = 0.04
      model.cycleToCycle = 0.05
      var device = model.draw(&random)
      let swords = try CrossedSwords(
        response(of: &device, pulses: 100, cycles: 10, readNoise: 0.0005, random: &random))
      device.place(at: try #require(swords.symmetryPoint).value)
      let shift = try shift(
        &device, swords, readNoise: 0.0005,
        rule: .init(maximumPairs: 3000, standardError: 0.002), random: &random)
      let estimate = try #require(shift.estimate)
      let error = estimate.value - (try #require(device.symmetryPoint))
      if abs(error) < 1.96 * estimate.standardError { covered += 1 }
    }
    #expect(covered >= 50, "\(covered)")
  }

  @Test func noPairsAreNoEstimate() throws {
    var random = RandomStream(seed: 5)
    var device = bench500().draw(&random)
    let swords = try CrossedSwords(
      response(of: &device, pulses: 600, cycles: 3, readNoise: 0.005, random: &random))
    let shift = ZeroShift(
      rule: .init(maximumPairs: 10, standardError: 0.01),
      statistics: try #require(PairStatistics(swords)), weightScale: swords.weightScale)
    #expect(!shift.wantsMore)
    #expect(shift.estimate == nil)
  }

  /// Without any noise it converges when its blocks agree within the rule's
  /// tolerance, 0.01 weight units.
  @Test func aQuietDeviceConverges() throws {
    var random = RandomStream(seed: 6)
    var model = bench500().withoutSpread()
    model.cycleToCycle = 0
    var device = model.draw(&random)
    let swords = try CrossedSwords(
      response(of: &device, pulses: 600, cycles: 2, readNoise: 0, random: &random))
    device.place(at: 0.01)
    let shift = try shift(&device, swords, readNoise: 0, random: &random)
    #expect(shift.isConverged)
    #expect(abs(try #require(shift.estimate).value) < 0.01)
  }

  /// A device with 7,089 states needs more pairs than the rule allows.
  @Test func tooFewPairsAreNotConverged() throws {
    var random = RandomStream(seed: 4)
    var device = DeviceModel.preset("EcRamMO")!.draw(&random)
    let swords = try CrossedSwords(
      response(of: &device, pulses: 8000, cycles: 2, readNoise: 0.005, random: &random))
    device.place(at: 0.3)
    let shift = try shift(&device, swords, random: &random)
    #expect(shift.blockLength > 2000)
    #expect(!shift.isConverged)
  }

  /// N_e and the noise floor of the nominal device: 202 pairs and
  /// σ√(Δ/2κ) = 0.0170, within 5 % over 8 seeds.
  @Test func statisticsFollowTheSwords() throws {
    for seed in UInt64(1)...8 {
      var random = RandomStream(seed: seed)
      var device = bench500().withoutSpread().draw(&random)
      let swords = try CrossedSwords(
        response(of: &device, pulses: 600, cycles: 10, readNoise: 0.005, random: &random))
      let statistics = try #require(PairStatistics(swords))
      #expect(abs(statistics.relaxation / 201.5 - 1) < 0.05)
      #expect(abs(statistics.stationaryNoise / 0.0170 - 1) < 0.1)
    }
  }

  /// The closed form against the sum it stands for.
  @Test func errorOfAMeanIsTheAutocovarianceSum() throws {
    var random = RandomStream(seed: 9)
    var device = bench500().draw(&random)
    let swords = try CrossedSwords(
      response(of: &device, pulses: 600, cycles: 3, readNoise: 0.005, random: &random))
    let statistics = try #require(PairStatistics(swords))
    for count in [1, 2, 7, 300] {
      var sum = 0.0
      var power = 1.0
      for lag in 0..<count {
        sum += (lag == 0 ? 1 : 2) * Double(count - lag) * power
        power *= statistics.contraction
      }
      let n = Double(count)
      let variance =
        statistics.stationaryNoise * statistics.stationaryNoise * sum / (n * n)
        + statistics.readNoise * statistics.readNoise / (2 * n)
      let error = statistics.standardError(ofMeanOver: count)
      #expect(abs(error * error / variance - 1) < 1e-9)
    }
  }
}

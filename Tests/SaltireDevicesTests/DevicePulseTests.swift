import SaltireCore
import SaltireDevices
import Testing

@Suite struct DevicePulseTests {
  private static func linear(multiplicative: Bool) -> DeviceModel {
    var model = DeviceModel(
      law: .linearStep(gammaUp: 0.5, gammaDown: 0.8), step: 0.004, weightMin: -0.8, weightMax: 1.2)
    model.cycleToCycle = 0.5
    model.multiplicativeNoise = multiplicative
    return model
  }

  /// Changes of weight by one pulse from `start`, over eight seeds.
  private static func changes(
    _ model: DeviceModel, _ direction: PulseDirection, from start: Double, scale: Double = 1
  ) -> [Double] {
    (0..<8).flatMap { seed in
      var random = RandomStream(seed: UInt64(seed), name: "pulses")
      var device = model.draw(&random)
      return (0..<4_000).map { _ in
        device.place(at: start)
        device.pulse(direction, scale: scale, random: &random)
        return device.weight - start
      }
    }
  }

  @Test(arguments: [true, false], [PulseDirection.up, .down])
  func cycleToCycleNoise(multiplicative: Bool, direction: PulseDirection) {
    let start = 0.6
    let step =
      direction == .up ? 0.004 * (1 - 0.5 * start / 1.2) : 0.004 * (1 + 0.8 * start / 0.8)
    let sigma = 0.5 * (multiplicative ? step : 0.004)
    let moments = Moments(
      Self.changes(Self.linear(multiplicative: multiplicative), direction, from: start))
    #expect(moments.meanError(from: direction == .up ? step : -step, sigma: sigma) < 5)
    #expect(moments.deviationError(from: sigma) < 5)
  }

  @Test func scaleMultipliesStepAndNoise() {
    let moments = Moments(
      Self.changes(Self.linear(multiplicative: false), .up, from: 0.6, scale: 3))
    #expect(moments.meanError(from: 3 * 0.004 * 0.75, sigma: 0.006) < 5)
    #expect(moments.deviationError(from: 0.006) < 5)
  }

  @Test func aPulseOfScaleZeroDoesNothing() {
    var random = RandomStream(seed: 1)
    var device = Self.linear(multiplicative: true).draw(&random)
    var untouched = random
    device.pulse(.up, scale: 0, random: &random)
    #expect(device.weight == 0)
    #expect(random.next() == untouched.next())
  }

  @Test func noiseOfTheExponentialLaw() {
    var model = DeviceModel(
      law: .expStep(
        a: 0.3, b: 0.2, amplitudeUp: 0.1, amplitudeDown: 0.2, gammaUp: 2, gammaDown: 3,
        noiseOffset: 0.001, noiseSlope: 0.002),
      step: 0.002)
    model.cycleToCycle = 0.4
    var random = RandomStream(seed: 1)
    let step = model.draw(&random).step(.up, at: 0.5)
    let moments = Moments(Self.changes(model, .up, from: 0.5))
    let sigma = 0.4 * (step + 0.001 + 0.002 * 0.5)
    #expect(moments.meanError(from: step, sigma: sigma) < 5)
    #expect(moments.deviationError(from: sigma) < 5)
  }

  @Test func writeNoiseShowsButDoesNotStay() {
    var model = DeviceModel(law: .softBounds, step: 0.002)
    model.writeNoise = 10
    var apparent: [Double] = []
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "write")
      var device = model.draw(&random)
      let quiet = device
      for _ in 0..<2_000 {
        device = quiet
        device.pulse(.up, random: &random)
        #expect(device.weight == 0.002)
        apparent.append(device.apparentWeight)
      }
      device.place(at: 0.3)
      #expect(device.apparentWeight == 0.3)
    }
    let moments = Moments(apparent)
    #expect(moments.meanError(from: 0.002, sigma: 0.02) < 5)
    #expect(moments.deviationError(from: 0.02) < 5)
  }

  @Test func aConstantStepHasNoWriteNoise() {
    var model = DeviceModel(law: .constantStep, step: 0.002)
    model.writeNoise = 10
    var random = RandomStream(seed: 1)
    var device = model.draw(&random)
    device.pulse(.up, random: &random)
    #expect(device.apparentWeight == device.weight)
  }

  @Test(arguments: DeviceModel.presetNames)
  func weightsStayWithinTheBounds(name: String) throws {
    let model = try #require(DeviceModel.preset(name))
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "bounds")
      var device = model.draw(&random)
      for _ in 0..<3_000 {
        device.pulse(.up, scale: 20, random: &random)
        #expect(device.weight >= device.weightMin && device.weight <= device.weightMax)
      }
      for _ in 0..<6_000 {
        device.pulse(.down, scale: 20, random: &random)
        #expect(device.weight >= device.weightMin && device.weight <= device.weightMax)
      }
    }
  }

  @Test func placingClips() {
    var random = RandomStream(seed: 1)
    var device = DeviceModel(law: .constantStep, step: 0.01, weightMin: -0.5, weightMax: 0.75)
      .draw(&random)
    device.place(at: 3)
    #expect(device.weight == 0.75)
    device.place(at: -.infinity)
    #expect(device.weight == -0.5)
  }

  @Test func piecewiseStepsFollowTheirNodes() {
    var random = RandomStream(seed: 1)
    let model = DeviceModel(
      law: .piecewiseStep(up: [2, 1, 0.5], down: [0.25, 1, 3]), step: 0.01,
      weightMin: -1, weightMax: 1)
    var device = model.draw(&random)
    for (weight, up, down) in [
      (-1.0, 2.0, 0.25), (-0.5, 1.5, 0.625), (0, 1, 1), (0.5, 0.75, 2), (1, 0.5, 3),
    ] {
      #expect(abs(device.step(.up, at: weight) - 0.01 * up) < 1e-15)
      #expect(abs(device.step(.down, at: weight) - 0.01 * down) < 1e-15)
    }
    device.place(at: 0.5)
    device.pulse(.down, random: &random)
    #expect(abs(device.weight - 0.48) < 1e-15)
  }
}

import SaltireCore
import SaltireDevices
import Testing

@Suite struct DeviceSymmetryTests {
  @Test(arguments: [
    ("EcRam", 0.3564, 0.2580), ("EcRamMO", 0.6203, 0.2658), ("ReRamSB", 1.0667, 0.2667),
  ])
  func asymmetryOfThePresets(name: String, kappa: Double, phi: Double) throws {
    var random = RandomStream(seed: 1)
    let device = try #require(DeviceModel.preset(name)).withoutSpread().draw(&random)
    #expect(abs(try #require(device.symmetryPoint)) < 1e-12)
    #expect(abs(try #require(device.kappa) - kappa) < 5e-5)
    #expect(abs(try #require(device.phi) - phi) < 5e-5)
  }

  @Test(arguments: ["GokmenVlasov", "Idealized"])
  func parallelSwordsDoNotCross(name: String) throws {
    var random = RandomStream(seed: 1)
    let device = try #require(DeviceModel.preset(name)).withoutSpread().draw(&random)
    #expect(device.symmetryPoint == nil)
    #expect(device.kappa == nil)
    #expect(device.phi == nil)
  }

  @Test func aCrossingBeyondTheBoundsIsNone() {
    var model = DeviceModel(law: .linearStep(gammaUp: 0.1, gammaDown: 0.1), step: 0.01)
    model.upDown = 0.5
    var random = RandomStream(seed: 1)
    #expect(model.draw(&random).symmetryPoint == nil)
  }

  @Test func linearCrossingByFormula() throws {
    var model = DeviceModel(
      law: .linearStep(gammaUp: 0.5, gammaDown: 0.8), step: 0.01, weightMin: -0.8, weightMax: 1.2)
    model.upDown = 0.1
    var random = RandomStream(seed: 1)
    let device = model.draw(&random)
    let expected = 0.1 / (0.5 / 1.2 + 0.8 * 0.9 / 0.8)
    #expect(abs(try #require(device.symmetryPoint) - expected) < 1e-14)
  }

  /// Derivatives by differences, for laws that are not straight lines.
  @Test(arguments: [
    DeviceModel.preset("ReRamES")!.withoutSpread(),
    DeviceModel(law: .powStep(gamma: 1.7, gammaUpDown: 0.2), step: 0.01),
    DeviceModel(law: .piecewiseStep(up: [2, 1.5, 0.5, 0.4], down: [0.2, 0.9, 1, 3]), step: 0.01),
  ])
  func asymmetryByDifferences(model: DeviceModel) throws {
    var random = RandomStream(seed: 1)
    let device = model.draw(&random)
    let point = try #require(device.symmetryPoint)
    let step = device.step(.up, at: point)
    #expect(abs(device.step(.down, at: point) - step) < 1e-12)
    func slope(_ direction: PulseDirection) -> Double {
      (device.step(direction, at: point + 1e-6) - device.step(direction, at: point - 1e-6)) / 2e-6
        / step
    }
    #expect(abs(try #require(device.kappa) - (slope(.down) - slope(.up)) / 2) < 1e-6)
    #expect(abs(try #require(device.phi) - (slope(.down) + slope(.up)) / 2) < 1e-6)
  }

  @Test(arguments: [
    DeviceModel.Law.softBoundsReference(subtractSymmetryPoint: true),
    .softBoundsReference(
      slopeUpSpread: 0.2, slopeDownSpread: 0.2, subtractSymmetryPoint: true),
    .powStepReference(gamma: 2, gammaSpread: 0.1, subtractSymmetryPoint: true),
  ])
  func subtractingTheSymmetryPointPutsItAtZero(law: DeviceModel.Law) throws {
    var model = DeviceModel(law: law, step: 0.01)
    model.upDownSpread = 0.1
    model.weightMaxSpread = 0.2
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "reference")
      let device = model.draw(&random)
      #expect(abs(try #require(device.symmetryPoint)) < 1e-4)
      #expect(device.weightMax - device.weightMin > 1)
    }
  }

  @Test func aReferenceShiftsTheLaw() throws {
    var random = RandomStream(seed: 1)
    var plain = DeviceModel(law: .softBounds, step: 0.01).draw(&random)
    var shifted = DeviceModel(law: .softBoundsReference(referenceMean: 0.25), step: 0.01)
      .draw(&random)
    plain.place(at: 0.65)
    shifted.place(at: 0.4)
    for _ in 0..<50 {
      plain.pulse(.up, random: &random)
      shifted.pulse(.up, random: &random)
    }
    #expect(abs(plain.weight - shifted.weight - 0.25) < 1e-12)
    #expect(abs(try #require(shifted.symmetryPoint) + 0.25) < 1e-12)
    #expect(shifted.weightMax == 0.75)
  }

  /// Relative pulse-to-pulse noise s, step D: pulses in random order scatter
  /// about the symmetry point by √(D(1+s²)/2κ), alternating ones by s√(D/2κ).
  @Test(arguments: [("EcRam", 0.002, 0.3), ("bench500", 0.004, 0.3), ("EcRamMO", 0.004, 1.0)])
  func pulsesGatherAtTheSymmetryPoint(name: String, step: Double, noise: Double) throws {
    var model = DeviceFixtures.model(name)
    model.step = step
    model.cycleToCycle = noise
    var mixed: [Double] = []
    var alternating: [Double] = []
    var kappa = 0.0
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "gather")
      var device = model.draw(&random)
      kappa = try #require(device.kappa)
      device.place(at: 0.3)
      for pulse in 0..<120_000 {
        device.pulse(random.uniform() < 0.5 ? .up : .down, random: &random)
        if pulse >= 20_000 { mixed.append(device.weight) }
      }
      device.place(at: 0.3)
      for pair in 0..<100_000 {
        device.pulse(.up, random: &random)
        let afterUp = device.weight
        device.pulse(.down, random: &random)
        if pair >= 20_000 { alternating.append((afterUp + device.weight) / 2) }
      }
    }
    let wander = (step * (1 + noise * noise) / (2 * kappa)).squareRoot()
    let floor = noise * (step / (2 * kappa)).squareRoot()
    #expect(abs(Moments(mixed).mean) < 0.25 * wander)
    #expect(abs(Moments(alternating).mean) < 0.25 * floor + step)
    #expect(abs(Moments(mixed).deviation / wander - 1) < 0.15)
    #expect(abs(Moments(alternating).deviation / floor - 1) < 0.15)
  }
}

import Foundation
import SaltireCore
import SaltireDevices
import Testing

@Suite struct DeviceDrawTests {
  /// The order of the draws, deviate by deviate.
  @Test func drawOrder() throws {
    var model = try #require(DeviceModel.preset("EcRamMO"))
    model.law = .linearStep(
      gammaUp: 0.4, gammaDown: 0.7, gammaUpSpread: 0.05, gammaDownSpread: 0.04,
      meanBoundReference: false)
    model.lifetime = 50
    model.lifetimeSpread = 0.2
    model.resetBias = 0.1
    model.resetBiasSpread = 0.05
    var random = RandomStream(seed: 11)
    var mirror = random
    var device = model.draw(&random)

    let weightMax = 1.1714 * (1 + 0.05 * mirror.normal())
    let weightMin = -0.8286 * (1 + 0.05 * mirror.normal())
    let gain = 1 + 0.1 * mirror.normal()
    let difference = 0.01 * mirror.normal()
    _ = mirror.uniform()
    _ = mirror.normal()
    let resting = 0.1 + 0.05 * mirror.normal()
    let lifetime = 50 * (1 + 0.2 * mirror.normal())
    let gammaUp = 0.4 + 0.05 * mirror.normal()
    let gammaDown = 0.7 + 0.04 * mirror.normal()
    let up = (gain + difference) * model.step
    let down = (gain - difference) * model.step

    #expect(device.weightMax == weightMax)
    #expect(device.weightMin == weightMin)
    #expect(device.step(.up, at: 0) == up)
    #expect(device.step(.down, at: 0) == down)
    #expect(abs(device.step(.up, at: 0.5) - up * (1 - gammaUp * 0.5 / weightMax)) < 1e-15)
    #expect(abs(device.step(.down, at: 0.5) - down * (1 - gammaDown * 0.5 / weightMin)) < 1e-15)
    device.elapse(20, random: &random)
    #expect(abs(device.weight - resting * (1 - exp(-20 / lifetime))) < 1e-14)
    #expect(random.next() == mirror.next())
  }

  @Test func spreadsOfManyDevices() {
    var model = DeviceModel(
      law: .constantStep, step: 0.002, weightMin: -0.8, weightMax: 1.2)
    model.stepSpread = 0.1
    model.upDownSpread = 0.02
    model.upDown = 0.3
    model.weightMaxSpread = 0.05
    model.weightMinSpread = 0.04
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "spreads")
      let devices = (0..<5_000).map { _ in model.draw(&random) }
      func expect(_ mean: Double, _ sigma: Double, _ value: (Device) -> Double) {
        let moments = Moments(devices.map(value))
        #expect(moments.meanError(from: mean, sigma: sigma) < 5)
        #expect(moments.deviationError(from: sigma) < 5)
      }
      let scale = 0.002 * (0.1 * 0.1 + 0.02 * 0.02).squareRoot()
      expect(1.2, 1.2 * 0.05) { $0.weightMax }
      expect(-0.8, 0.8 * 0.04) { $0.weightMin }
      expect(0.002, scale) { $0.step(.up, at: 0) }
      // A positive difference lowers the down scale and leaves the up scale.
      expect(0.002 * 0.7, scale) { $0.step(.down, at: 0) }
      expect(0.3 * 0.002, 2 * 0.02 * 0.002) { $0.step(.up, at: 0) - $0.step(.down, at: 0) }
    }
  }

  @Test func aNegativeDifferenceLowersTheUpScale() {
    var model = DeviceModel(law: .constantStep, step: 0.01)
    model.upDown = -0.25
    var random = RandomStream(seed: 2)
    let device = model.draw(&random)
    #expect(device.step(.up, at: 0) == 0.0075)
    #expect(device.step(.down, at: 0) == 0.01)
  }

  @Test func logNormalGain() {
    var model = DeviceModel(law: .constantStep, step: 0.01)
    model.stepSpread = 0.4
    model.stepSpreadLogNormal = true
    var random = RandomStream(seed: 4)
    let logs = (0..<20_000).map { _ in log(model.draw(&random).step(.up, at: 0) / 0.01) }
    let moments = Moments(logs)
    #expect(moments.meanError(from: 0, sigma: 0.4) < 5)
    #expect(moments.deviationError(from: 0.4) < 5)
  }

  @Test func corruptDevicesAreStuckWithinTheWindow() {
    var model = DeviceModel(law: .softBounds, step: 0.01, weightMin: -0.5, weightMax: 1)
    model.corruptProbability = 0.15
    model.cycleToCycle = 0.3
    var stuck: [Double] = []
    let count = 20_000
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "corrupt")
      for _ in 0..<count / 8 {
        var device = model.draw(&random)
        guard device.weightMax <= device.weightMin else { continue }
        let value = device.weight
        stuck.append(value)
        for _ in 0..<5 { device.pulse(.up, random: &random) }
        device.place(at: 0.9)
        #expect(device.weight == value)
        #expect(device.symmetryPoint == nil)
      }
    }
    let expected = 0.15 * Double(count)
    #expect(abs(Double(stuck.count) - expected) < 5 * (expected * 0.85).squareRoot())
    #expect(stuck.allSatisfy { $0 >= -0.5 && $0 <= 1 })
    // Uniform on a window of 1.5: deviation 1.5/√12.
    #expect(Moments(stuck).meanError(from: 0.25, sigma: 1.5 / 12.0.squareRoot()) < 5)
  }

  @Test func stepsAndBoundsAreOnTheirSide() {
    var model = DeviceModel(law: .constantStep, step: 0.01)
    model.stepSpread = 2
    model.upDownSpread = 1
    model.weightMaxSpread = 1.5
    model.weightMinSpread = 1.5
    var random = RandomStream(seed: 9)
    for _ in 0..<2_000 {
      let device = model.draw(&random)
      #expect(device.step(.up, at: 0) >= 0 && device.step(.down, at: 0) >= 0)
      #expect(device.weightMin <= 0 && device.weightMax >= 0)
    }
  }

  @Test(arguments: DeviceModel.presetNames)
  func withoutSpreadAllDevicesAreTheMean(name: String) throws {
    let model = try #require(DeviceModel.preset(name))
    var random = RandomStream(seed: 5)
    let mean = model.withoutSpread()
    let first = mean.draw(&random)
    for _ in 0..<20 {
      let other = mean.draw(&random)
      #expect(other.weightMax == first.weightMax && other.weightMin == first.weightMin)
      for weight in [-0.3, 0, 0.4] {
        #expect(other.step(.up, at: weight) == first.step(.up, at: weight))
        #expect(other.step(.down, at: weight) == first.step(.down, at: weight))
      }
    }
    #expect(first.weightMax == model.weightMax && first.weightMin == model.weightMin)
    #expect(mean.cycleToCycle == model.cycleToCycle && mean.writeNoise == model.writeNoise)
    #expect(mean != model)
  }

  @Test func unknownPreset() {
    #expect(DeviceModel.preset("ecram") == nil)
  }

  @Test func powerExponentsAreDrawn() {
    var model = DeviceModel(law: .powStep(gamma: 2, gammaSpread: 0.1, gammaUpDown: 0.2), step: 0.01)
    model.weightMax = 1
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "power")
      let devices = (0..<4_000).map { _ in model.draw(&random) }
      // At w = 0 of −1…1 the step is 0.01·0.5^γ.
      let up = Moments(devices.map { -log2($0.step(.up, at: 0) / 0.01) })
      let down = Moments(devices.map { -log2($0.step(.down, at: 0) / 0.01) })
      #expect(up.meanError(from: 2, sigma: 0.2) < 5)
      #expect(up.deviationError(from: 0.2) < 5)
      #expect(down.meanError(from: 1.6, sigma: 0.2) < 5)
    }
  }

  @Test func granularity() throws {
    #expect(DeviceModel.preset("EcRamMO")?.granularity == 2.8214e-4)
    #expect(DeviceModel.preset("ReRamSB")?.granularity == 0.002)
    #expect(DeviceModel(law: .powStep(gamma: 2), step: 0.01).granularity == 0.0025)
    let model = try #require(DeviceModel.preset("ReRamES")).withoutSpread()
    var random = RandomStream(seed: 1)
    let device = model.draw(&random)
    let mean = (device.step(.up, at: 0) + device.step(.down, at: 0)) / 2
    #expect(abs(model.granularity - mean) < 1e-15)
  }
}

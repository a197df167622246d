import Foundation
import SaltireCore
import SaltireDevices
import Testing

@Suite struct DeviceAgingTests {
  private static let still = DeviceModel(law: .constantStep, step: 0.01)

  @Test func retentionDecaysToTheRestingWeight() {
    var model = Self.still
    model.lifetime = 40
    model.resetBias = -0.2
    var random = RandomStream(seed: 1)
    var device = model.draw(&random)
    device.place(at: 0.6)
    var untouched = random
    for step in 1...10 {
      device.elapse(7, random: &random)
      let expected = -0.2 + 0.8 * exp(-Double(step) * 7 / 40)
      #expect(abs(device.weight - expected) < 1e-12)
      #expect(device.apparentWeight == device.weight)
    }
    #expect(random.next() == untouched.next())
  }

  @Test func lifetimesSpread() {
    var model = Self.still
    model.lifetime = 40
    model.lifetimeSpread = 0.1
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "lifetime")
      let lifetimes = (0..<2_000).map { _ in
        var device = model.draw(&random)
        device.place(at: 1)
        device.elapse(10, random: &random)
        return -10 / log(device.weight)
      }
      #expect(Moments(lifetimes).meanError(from: 40, sigma: 4) < 5)
      #expect(Moments(lifetimes).deviationError(from: 4) < 5)
    }
  }

  @Test(arguments: [1.0, 4, 25])
  func diffusionGrowsWithTime(seconds: Double) {
    var model = Self.still
    model.diffusion = 0.01
    var ends: [Double] = []
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "diffusion")
      for _ in 0..<1_000 {
        var device = model.draw(&random)
        device.elapse(seconds / 2, random: &random)
        device.elapse(seconds / 2, random: &random)
        ends.append(device.weight)
      }
    }
    let sigma = 0.01 * seconds.squareRoot()
    #expect(Moments(ends).meanError(from: 0, sigma: sigma) < 5)
    #expect(Moments(ends).deviationError(from: sigma) < 5)
  }

  @Test func diffusionStopsAtTheBounds() {
    var model = Self.still
    model.diffusion = 1
    var random = RandomStream(seed: 3)
    var device = model.draw(&random)
    for _ in 0..<200 {
      device.elapse(1, random: &random)
      #expect(abs(device.weight) <= 1)
    }
  }

  @Test func driftIsAPowerOfTheTimeSinceTheLastPulse() {
    var model = Self.still
    model.drift = .init(nu: 0.06, t0: 2)
    var random = RandomStream(seed: 1)
    var device = model.draw(&random)
    device.place(at: 0.8)
    device.elapse(1, random: &random)
    #expect(device.weight == 0.8)
    device.elapse(199, random: &random)
    #expect(abs(device.weight - 0.8 * pow(100, -0.06)) < 1e-12)
    device.elapse(1_800, random: &random)
    #expect(abs(device.weight - 0.8 * pow(1_000, -0.06)) < 1e-12)
    // A pulse starts the clock again.
    device.pulse(.up, random: &random)
    let programmed = device.weight
    device.elapse(20, random: &random)
    #expect(abs(device.weight - programmed * pow(10, -0.06)) < 1e-12)
  }

  @Test func driftTendsToMinusItsOffset() {
    var model = Self.still
    model.drift = .init(nu: 0.5, t0: 1, offset: 0.3)
    var random = RandomStream(seed: 1)
    var device = model.draw(&random)
    device.place(at: 0.5)
    device.elapse(100, random: &random)
    #expect(abs(device.weight - (0.5 * 0.1 + 0.3 * (0.1 - 1))) < 1e-12)
  }

  @Test func driftExponentsSpread() {
    var model = Self.still
    model.drift = .init(nu: 0.05, nuSpread: 0.2)
    for seed in 0..<8 {
      var random = RandomStream(seed: UInt64(seed), name: "drift")
      let exponents = (0..<2_000).map { _ in
        var device = model.draw(&random)
        device.place(at: 1)
        device.elapse(1_000, random: &random)
        return min(-log(device.weight) / log(1_000), 1)
      }
      #expect(Moments(exponents).meanError(from: 0.05, sigma: 0.01) < 5)
      #expect(Moments(exponents).deviationError(from: 0.01) < 5)
    }
  }

  @Test func nothingHappensInNoTime() {
    var model = Self.still
    model.lifetime = 1
    model.diffusion = 1
    var random = RandomStream(seed: 1)
    var device = model.draw(&random)
    device.place(at: 0.5)
    var untouched = random
    device.elapse(0, random: &random)
    device.elapse(-3, random: &random)
    #expect(device.weight == 0.5)
    #expect(random.next() == untouched.next())
  }

  @Test func writeNoiseOutlastsAgeing() {
    var model = DeviceModel(law: .softBounds, step: 0.01)
    model.writeNoise = 5
    model.lifetime = 10
    var random = RandomStream(seed: 1)
    var device = model.draw(&random)
    device.pulse(.up, random: &random)
    let offset = device.apparentWeight - device.weight
    device.elapse(5, random: &random)
    #expect(offset != 0)
    #expect(abs(device.apparentWeight - device.weight - offset) < 1e-15)
  }
}

import SaltireCore
import SaltireDevices
import Testing

@Suite struct DeviceFixtureTests {
  @Test(arguments: [
    "EcRam", "EcRamMO", "bench500", "constant", "soft_bounds", "soft_bounds_updown0p2",
    "ReRamES_exp", "pow2",
  ])
  func crossedSwords(name: String) throws {
    let fixture = try #require(DeviceFixtures.shared.crossed_swords[name])
    var random = RandomStream(seed: 1)
    var device = DeviceFixtures.model(name).draw(&random)
    device.place(at: fixture.start)
    var weights = [device.weight]
    for _ in 0..<fixture.n_up {
      device.pulse(.up, random: &random)
      weights.append(device.weight)
    }
    for _ in 0..<fixture.n_dn {
      device.pulse(.down, random: &random)
      weights.append(device.weight)
    }
    for (index, expected) in zip(fixture.index, fixture.w) {
      #expect(abs(weights[index] - expected) < 1e-9, "pulse \(index)")
    }
    if name == "constant" {
      #expect(device.symmetryPoint == nil)
    } else {
      #expect(abs(try #require(device.symmetryPoint) - fixture.symmetry_point) < 1e-9)
    }
  }

  @Test(arguments: ["bench500", "EcRamMO", "EcRam"])
  func zeroShifting(name: String) throws {
    let fixture = try #require(DeviceFixtures.shared.zero_shifting_deterministic[name])
    var random = RandomStream(seed: 1)
    var device = DeviceFixtures.model(name).draw(&random)
    device.place(at: fixture.start)
    #expect(abs(try #require(device.kappa) - fixture.kappa) < 1e-9)
    var checked = 0
    for pair in 1...20_000 {
      device.pulse(.up, random: &random)
      let afterUp = device.weight
      device.pulse(.down, random: &random)
      guard let expected = fixture.pairs_then_wUp_wDown["\(pair)"] else { continue }
      #expect(abs(afterUp - expected[0]) < 1e-9, "pair \(pair)")
      #expect(abs(device.weight - expected[1]) < 1e-9, "pair \(pair)")
      checked += 1
    }
    #expect(checked == fixture.pairs_then_wUp_wDown.count)
    let up = device.step(.up, at: 0)
    let a = (up - device.step(.up, at: 1)) / up
    let b = (device.step(.down, at: 1) - up) / up
    #expect(abs((1 - a * up) * (1 - b * up) - fixture.contraction_per_pair) < 1e-12)
    let settled = -b * up / (a + b - a * b * up)
    #expect(abs(settled - fixture.fixed_point_after_down) < 1e-12)
  }

  @Test func aNoiseFreePulseDrawsNothing() {
    var random = RandomStream(seed: 3)
    var device = DeviceFixtures.model("bench500").draw(&random)
    var untouched = random
    for _ in 0..<10 { device.pulse(.up, random: &random) }
    device.elapse(100, random: &random)
    #expect(random.next() == untouched.next())
  }
}

import SaltireCore
import SaltireDevices
import Testing

@Suite struct ConversionTests {
  @Test func conductanceRoundTrip() {
    let map = ConductanceMap(window: 100e-9...500e-9, weights: -0.8286...1.1714)
    #expect(abs(map.scale - 200e-9) < 1e-20)
    #expect(abs(map.zero - 265.72e-9) < 1e-20)
    #expect(abs(map.conductance(-0.8286) - 100e-9) < 1e-20)
    var random = RandomStream(seed: 1)
    for _ in 0..<1_000 {
      let weight = random.uniform(-2, 2)
      #expect(abs(map.weight(map.conductance(weight)) - weight) < 1e-12)
    }
  }

  @Test func theNominalPulseIsExactlyOne() {
    var random = RandomStream(seed: 2)
    for _ in 0..<200 {
      let gate = GateResponse(
        voltage: random.uniform(0.1, 10), width: random.uniform(1e-8, 10),
        selectivity: random.uniform(2, 1e4))
      #expect(gate.scale(voltage: gate.voltage, width: gate.width) == 1)
      #expect(gate.scale(voltage: -gate.voltage, width: gate.width) == 1)
    }
  }

  @Test(arguments: [2.0, 2.5, 10, 1_000])
  func halfTheVoltageIsTheSelectivityLess(selectivity: Double) {
    let gate = GateResponse(voltage: 4, width: 0.01, selectivity: selectivity, disturb: true)
    let half = gate.scale(voltage: 2, width: 0.01)
    #expect(abs(half * selectivity - 1) < 1e-12)
    #expect(abs(gate.scale(voltage: -2, width: 0.03) - 3 * half) < 1e-12)
    #expect(gate.scale(voltage: 5, width: 0.01) > 1.24)
  }

  @Test func halfSelectedDevicesStayUnlessDisturbed() {
    var gate = GateResponse(voltage: 3, width: 0.01, selectivity: 10)
    #expect(gate.scale(voltage: 1.5, width: 0.01) == 0)
    #expect(gate.scale(voltage: -1.5 * (1 + 1e-10), width: 0.01) == 0)
    #expect(gate.scale(voltage: 1.5 * (1 + 1e-8), width: 0.01) > 0)
    #expect(gate.scale(voltage: 0, width: 0.01) == 0)
    #expect(gate.scale(voltage: 3, width: 0) == 0)
    gate.disturb = true
    #expect(gate.scale(voltage: 1.5, width: 0.01) > 0)
    #expect(gate.scale(voltage: 0, width: 0.01) == 0)
  }

  @Test func absurdPulsesStayFinite() {
    let gate = GateResponse(voltage: 1, width: 1e-9, selectivity: 1e300, disturb: true)
    #expect(gate.scale(voltage: 1, width: 1e-9) == 1)
    #expect(gate.scale(voltage: 1e6, width: 1e6).isFinite)
    var random = RandomStream(seed: 1)
    var device = DeviceModel(law: .softBounds, step: 0.01).draw(&random)
    for direction in [PulseDirection.up, .up, .down, .down] {
      device.pulse(direction, scale: gate.scale(voltage: 1e6, width: 1e6), random: &random)
      #expect(abs(device.weight) == 1)
    }
  }
}

import SaltireCore
import SaltireDevices
import SaltireInstruments
import Testing

@testable import SaltireSimulation

/// Kirchhoff's laws on the rig and on one that is wired wrongly.
@Suite struct CircuitTests {
  /// Two source meters and a generator on devices A1 and C1, whose drains are
  /// one node that nothing drives: the rig with too few channels.
  private static func shared(row: String = "RC") throws -> SimulatedLab {
    func instrument(
      _ name: String, _ family: String, _ nodes: [String: String]
    ) throws -> LabPlan.Instrument {
      let (definition, model) = try #require(Shelf.library.find(family))
      return .init(name: name, definition: definition, model: model, nodes: nodes)
    }
    var plan = LabPlan(instruments: [
      try instrument("smu", "keithley/2636b", ["smua": "RA", "smub": row]),
      try instrument("gen", "keysight/33522b", ["1": "GA1", "2": "GC1"]),
    ])
    plan.sites = [
      .init(device: "A1", gate: "GA1", drain: "D", row: "RA"),
      .init(device: "C1", gate: "GC1", drain: "D", row: "RC"),
    ]
    let text = """
      devices:
        preset: EcRamMO
        device_to_device: off
        window: { min: 1 uS, max: 5 uS }
        pulse: { voltage: 4 V, width: 10 ms }
      """
    let reader = Reader(try Document(name: "devices.yaml", text: text))
    plan.devices = SimulatedDevices(
      devices: reader.section(SimulatedDevices.Keys.devices),
      meters: reader.section(SimulatedDevices.Keys.meters), curves: NoCurves())
    return SimulatedLab(plan, seed: 1)
  }

  /// A row that is at its level before its drains: the drains give way, and
  /// the row need not. Were all three at their limits, nothing would hold them.
  @Test func aRowAheadOfItsDrainsHoldsThem() {
    let channels = (1...2).map { Network.Branch(from: $0, to: 0, siemens: 2.6e-6) }
    let solved = Network.solve(
      nodes: 3, branches: channels,
      sources: [
        .init(node: 0, drive: .voltage(-2, limit: 10e-6)),
        .init(node: 1, drive: .voltage(0, limit: 1e-6)),
        .init(node: 2, drive: .voltage(0, limit: 1e-6)),
      ])
    #expect(solved.isLimited == [false, true, true])
    #expect(solved.voltages[0] == -2)
    for node in 1...2 { #expect(abs(solved.voltages[node] - (-2 + 1 / 2.6)) < 1e-9) }
  }

  /// Half of 4 V on row A and half on the gate of A1, row C at 0 V, drains
  /// shared: current runs from row to row, about 1 V lies along each channel,
  /// A1 sees less than 4 V, and C1 is not left alone.
  @Test func sharedDrainsSpoilAnUpdate() throws {
    let lab = try Self.shared()
    func tell(_ name: String, _ text: String) {
      #expect(lab.receive(Array((text + "\n").utf8), at: name) == [])
    }
    tell("smu", "smua.source.levelv=-2 smua.source.output=1 smub.source.output=1")
    tell("gen", "OUTP1:LOAD INF;:OUTP2:LOAD INF;:FUNC PULS;:FUNC:PULS:PER 1;WIDT 0.01")
    tell("gen", ":BURS:STAT ON;:TRIG:SOUR BUS;:VOLT:HIGH 2;LOW 0;:OUTP1 ON;:TRIG1")
    tell(
      "gen",
      "SOUR2:FUNC PULS;:SOUR2:BURS:STAT ON;:TRIG2:SOUR BUS;:SOUR2:VOLT:HIGH 1;LOW 0;:OUTP2 ON")
    lab.wait(0.02)
    let a = try #require(lab.extremes["A1"])
    let c = try #require(lab.extremes["C1"])
    #expect(a.gate > 3.4 && a.gate < 3.6)
    #expect(c.gate > 0.4 && c.gate < 0.6)
    #expect(abs(a.channelInPulse - 1) < 0.1 && abs(c.channelInPulse - 1) < 0.1)
  }

  /// A source meter at its limit holds the current and not the voltage.
  @Test(arguments: [1e3, 1e5, 1e6, 1e8])
  func complianceHoldsTheCurrent(ohms: Double) {
    let lab = Shelf.lab("keithley/2636b", ohms: ohms)
    _ = lab.ask("smua.source.limiti=1e-6 smua.source.levelv=1 smua.source.output=1")
    let reply = lab.ask("print(smua.measure.iv()) print(smua.source.compliance)")
    let current = min(1 / ohms, 1e-6)
    let numbers = reply.split { "\t\n".contains($0) }.compactMap { Double($0) }
    #expect(abs(numbers[0] / current - 1) < 1e-5)
    #expect(abs(numbers[1] / (current * ohms) - 1) < 1e-5)
    #expect(reply.hasSuffix(1 / ohms > 1e-6 ? "true" : "false"))
  }

  /// What off means differs: 0 V with a small limit, or an open relay.
  @Test func offIsWhatItsModeSays() {
    let lab = Shelf.lab("keithley/2636b", ohms: 1e6)
    _ = lab.ask("smua.source.levelv=1 smua.source.output=1 smua.source.output=0")
    #expect(lab.ask("print(smua.measure.v())") == "0.00000e+00")
    #expect(lab.ask("smua.source.output=2 print(smua.source.output)") == "0.00000e+00")
  }

  /// Two pulses with no time between them are two, also of a host.
  @Test func pulsesThatTouchAreCounted() throws {
    let lab = try Self.shared()
    _ = lab.receive(Array("smua.source.output=1\n".utf8), at: "smu")
    for _ in 0..<3 {
      _ = lab.receive(Array("smua.source.levelv=-8\n".utf8), at: "smu")
      lab.wait(0.01)
      _ = lab.receive(Array("smua.source.levelv=0\n".utf8), at: "smu")
    }
    #expect(lab.devices["A1"]?.pulses == 3)
  }

  /// A channel that sources no current floats to what the others make of it,
  /// up to its voltage limit, where it says so.
  @Test(arguments: [(1.0, 0.5, 0.5, true), (0.2, 0.5, 0.2, false), (-1.0, 0.5, -0.5, true)])
  func aFloatingChannelStopsAtItsVoltageLimit(
    drive: Double, limit: Double, voltage: Double, isLimited: Bool
  ) throws {
    let solution = Network.solve(
      nodes: 2, branches: [.init(from: 0, to: 1, siemens: 1e-6)],
      sources: [
        .init(node: 0, drive: .voltage(drive, limit: 1)),
        .init(node: 1, drive: .current(0, limit: limit)),
      ])
    #expect(abs(solution.voltages[1] - voltage) < 1e-9)
    #expect(solution.isLimited == [false, isLimited])
  }
}

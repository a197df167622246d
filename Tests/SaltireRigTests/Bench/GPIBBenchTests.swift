import Foundation
import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import SaltireTesting
import TestRigs
import Testing

/// Two 2400 on GPIB behind one adapter, with simulated instruments on its bus.
@Suite struct GPIBBenchTests {
  /// The instruments of a lab at 24 and 25. On GPIB a 2400 ends its messages
  /// with LF, and on its serial port with CR.
  private static func adapter(_ lab: SimulatedLab) -> SimulatedPrologix {
    func device(_ name: String) -> SimulatedGPIBDevice {
      SimulatedGPIBDevice { message in
        let answer = lab.receive(message.dropLast() + [13], at: name) ?? []
        return answer.isEmpty ? [] : answer.dropLast() + [10]
      }
    }
    return SimulatedPrologix(.prologix, ["24": device("gate"), "25": device("drain")])
  }

  /// The shipped bench of two 2400, its instruments behind an adapter at
  /// `resource`.
  private static func bench(_ resource: String, _ settings: [String] = []) throws -> BenchFile {
    try Shipped.bench(
      "simulated-2400",
      [
        "adapters.GPIB0.resource=\(resource)",
        "instruments.gate.resource=GPIB0::24::INSTR", "instruments.gate.family=keithley/2400",
        "instruments.drain.resource=GPIB0::25::INSTR", "instruments.drain.family=keithley/2400",
      ] + settings)
  }

  private static let program = Program([
    .read(.init(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02)),
    .pulse("GA1", level: 4, width: 0.01), .pulse("GA1", level: 4, width: 0.01),
    .read(.init(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02)),
  ])

  @Test func pulsesAndReadsGoThroughAnAdapter() async throws {
    let rig = try LiveRig("simulated-2400", ["meters.noise=0 A"])
    let prologix = Self.adapter(rig.lab)
    let terminal = try PseudoTerminal()
    terminal.serve(prologix.receive)
    let station = try #require(rig.file.station)
    let adapter = PrologixAdapter(name: "adapter") { [path = terminal.path] () throws(LinkError) in
      try SerialLink.open(port: path)
    }
    let instruments = try station.instruments.map { entry in
      let address = try #require(GPIBAddress(primary: entry.name == "gate" ? 24 : 25))
      return Instrument(name: entry.name, definition: entry.definition, model: entry.model) {
        () throws(LinkError) in try adapter.link(to: address)
      }
    }
    let live = LiveBench(
      wiring: rig.file.wiring, station: station, instruments: instruments, clock: rig.lab)
    let identities = try await live.connect()
    #expect(identities["gate"]?.model == "MODEL 2400")
    #expect(identities["gate"] != identities["drain"])
    try await live.arm()
    #expect(rig.energised == ["DA1", "GA1"])
    let seen = try await live.perform(Self.program)
    let device = try #require(rig.lab.devices["A1"])
    #expect(device.pulses == 2)
    #expect(abs(-seen.currents[1] / 0.1 / device.conductance - 1) < 1e-5)
    #expect(await live.makeSafe().isSafe)
    #expect(rig.energised.isEmpty)
    #expect(prologix.complaints == [] && prologix.memoryWrites == 0)
  }

  /// As a bench file says it, over a port or the network.
  @Test(arguments: [false, true])
  func aBenchFileNamesTheAdapter(isOnNetwork: Bool) async throws {
    let rig = try LiveRig("simulated-2400")
    let prologix = Self.adapter(rig.lab)
    let terminal = try PseudoTerminal()
    terminal.serve(prologix.receive)
    let server = try ServedSocket(prologix.receive)
    let file = try Self.bench(
      isOnNetwork ? "TCPIP0::127.0.0.1::\(server.port)::SOCKET" : "ASRL\(terminal.path)::INSTR")
    let live = try #require(try OpenBench(file, seed: 1).live)
    _ = try await live.connect()
    try await live.arm()
    #expect(rig.energised == ["DA1", "GA1"])
    #expect(await live.makeSafe().isSafe)
    #expect(rig.energised.isEmpty)
    withExtendedLifetime(server) {}
  }

  /// It is cleared and given up, while the other, on the same adapter, is made
  /// safe and confirmed.
  @Test func aSilentInstrumentDoesNotKeepTheOtherFromBeingMadeSafe() async throws {
    let rig = try LiveRig(
      "simulated-2400", faults: [LabFault(instrument: "gate", kind: .silent, after: 40)])
    let terminal = try PseudoTerminal()
    terminal.serve(Self.adapter(rig.lab).receive)
    let live = try #require(
      try OpenBench(try Self.bench("ASRL\(terminal.path)::INSTR"), seed: 1).live)
    _ = try await live.connect()
    try await live.arm()
    let error = await #expect(throws: BenchError.self) {
      for _ in 0..<40 { _ = try await live.perform(Self.program) }
    }
    #expect(error.map { "\($0)" }?.contains("gate") == true, "\(String(describing: error))")
    let report = await live.makeSafe()
    #expect(report.terminals.filter { $0.state == .confirmed }.map(\.terminal) == ["DA1"])
    #expect(rig.energised.isEmpty)
  }

  @Test(arguments: [
    (["adapters.GPIB0.resource=sim:keithley/2400"], "is not an address of a GPIB adapter"),
    (["adapters.GPIB0.resource=GPIB1::3::INSTR"], "is not an address of a GPIB adapter"),
    (["adapters.GPIB0.resource=nowhere"], "'nowhere' is not a resource"),
    (["adapters.BUS.resource=ASRL/dev/ttyUSB1::INSTR"], "'BUS' is not a GPIB board"),
    (
      ["adapters.GPIB1.resource=ASRL/dev/ttyUSB0::INSTR"],
      "GPIB1 has the address of GPIB0"
    ),
    (
      ["instruments.gate.resource=ASRL/dev/ttyUSB0::INSTR"],
      "GPIB0 has the address of gate"
    ),
    (["instruments.gate.resource=GPIB2::24::INSTR"], "gate needs an adapter GPIB2"),
    (["instruments.gate.resource=GPIB0::25::INSTR"], "drain has the address of gate"),
    (["adapters.GPIB0.baud=9"], "baud"),
    (["adapters.GPIB0.speed=9"], "'adapters.GPIB0.speed' is not a known setting"),
  ])
  func mistakesAreSaid(settings: [String], message: String) throws {
    let error = #expect(throws: Diagnostics.self) {
      try Self.bench("ASRL/dev/ttyUSB0::INSTR", settings)
    }
    #expect(error?.rendered.contains(message) == true, "\(error?.rendered ?? "")")
  }
}

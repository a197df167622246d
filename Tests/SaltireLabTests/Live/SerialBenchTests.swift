import SaltireInstruments
import SaltireLab
import SaltireLinks
import SaltireSimulation
import SaltireTesting
import Testing

/// Two 2400 on serial lines: the unmodified libserialport on pseudo-terminals,
/// with simulated instruments at their other ends.
@Suite struct SerialBenchTests {
  @Test func pulsesAndReadsGoOverSerialLines() async throws {
    let rig = try LiveRig("simulated-2400", ["meters.noise=0 A"])
    let station = try #require(rig.file.station)
    let lab = rig.lab
    var instruments: [Instrument] = []
    for entry in station.instruments {
      let terminal = try PseudoTerminal()
      let name = entry.name
      terminal.serve { lab.receive($0, at: name) }
      let path = terminal.path
      let serial = entry.definition.serial
      #expect(serial.flow == .xonXoff && serial.clearByte == 3)
      instruments.append(
        Instrument(name: name, definition: entry.definition, model: entry.model) {
          () throws(LinkError) in try SerialLink.open(port: path, settings: serial)
        })
    }
    let live = LiveBench(
      wiring: rig.file.wiring, station: station, instruments: instruments, clock: lab)
    let identities = try await live.connect()
    #expect(identities["gate"]?.model == "MODEL 2400")
    try await live.arm()
    #expect(rig.energised == ["DA1", "GA1"])
    let read = Reading(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02)
    let pulse = Step.pulse("GA1", level: 4, width: 0.01)
    let seen = try await live.perform(Program([.read(read), pulse, pulse, .read(read)]))
    let device = try #require(lab.devices["A1"])
    #expect(device.pulses == 2)
    #expect(seen.currents[1] < seen.currents[0])
    #expect(abs(-seen.currents[1] / 0.1 / device.conductance - 1) < 1e-5)
    #expect(await live.makeSafe().isSafe)
    #expect(rig.energised.isEmpty)
    for instrument in instruments { await instrument.disconnect() }
  }
}

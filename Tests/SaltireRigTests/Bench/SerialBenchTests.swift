import SaltireBenches
import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import SaltireTesting
import Synchronization
import TestRigs
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
  /// A line that nobody asked for shifts the answers; ^C, what the instrument
  /// says to it (a 6517B says DCL), and the next question put them right.
  @Test(arguments: [LabFault.Kind.unsolicited, .garbage])
  func aBenchOnSerialLinesFindsItsAnswersAgain(kind: LabFault.Kind) async throws {
    // Counted in bytes here, as they come; arming takes some of the first.
    let rig = try LiveRig(
      "simulated-2400", faults: [LabFault(instrument: "gate", kind: kind, after: 3000)])
    let station = try #require(rig.file.station)
    let lab = rig.lab
    let clears = Atomic(0)
    var instruments: [Instrument] = []
    for entry in station.instruments {
      let terminal = try PseudoTerminal()
      let name = entry.name
      terminal.serve { bytes in
        // Its port deals with XON.
        if bytes == [17] { return [] }
        guard bytes == [3] else { return lab.receive(bytes, at: name) }
        clears.add(1, ordering: .relaxed)
        return Array("DCL\r".utf8)
      }
      let path = terminal.path
      let serial = entry.definition.serial
      instruments.append(
        Instrument(name: name, definition: entry.definition, model: entry.model) {
          () throws(LinkError) in try SerialLink.open(port: path, settings: serial)
        })
    }
    let live = LiveBench(
      wiring: rig.file.wiring, station: station, instruments: instruments, clock: lab)
    _ = try await live.connect()
    try await live.arm()
    await #expect(throws: BenchError.self) {
      for _ in 0..<200 {
        _ = try await live.perform(Program([.pulse("GA1", level: 4, width: 0.01)]))
      }
    }
    #expect(await live.makeSafe().isSafe)
    #expect(rig.energised.isEmpty)
    #expect(clears.load(ordering: .relaxed) > 0)
    for instrument in instruments { await instrument.disconnect() }
  }
}

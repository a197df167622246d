import SaltireBenches
import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireSimulation
import TestRigs
import Testing

@testable import SaltireRig

/// What the instruments were told is what they do, to the end of a run.
@Suite struct VerificationTests {
  /// Pulses in both directions and a read, which change every setting that programs change.
  private static func perform(on rig: LiveRig) async throws {
    let site = rig.file.wiring.sites[0]
    _ = try await rig.live.perform(
      Program([
        .pulse(site.gate, level: 4, width: 0.01), .pulse(site.gate, level: -3, width: 0.02),
        .read(
          Reading(
            drives: [.init(site.drain, level: 0.1)], measures: [site.meter], integration: 0.02)),
      ]))
  }

  /// What another program or the front panel does to one instrument of a bench.
  private struct Tampering: CustomTestStringConvertible, Sendable {
    let bench: String
    let instrument: String
    let command: String
    /// What the failure names.
    let setting: String
    var testDescription: String { "\(bench): \(command)" }
  }

  private static let tamperings = [
    Tampering(
      bench: "simulated-2400", instrument: "gate", command: ":OUTP OFF\r", setting: "output of GA1"),
    Tampering(
      bench: "simulated-2400", instrument: "drain", command: ":SENS:CURR:PROT 1.05E-4\r",
      setting: ":SENS:CURR:PROT?"),
    Tampering(
      bench: "simulated-2400", instrument: "gate", command: ":SOUR:VOLT:RANG 200\r",
      setting: ":SOUR:VOLT:RANG?"),
    Tampering(
      bench: "simulated-2400", instrument: "gate", command: ":SOUR:VOLT 1\r",
      setting: ":SOUR:VOLT?"),
    Tampering(
      bench: "simulated-one-device", instrument: "smu1", command: "smua.source.output=0\n",
      setting: "output of GA1"),
    Tampering(
      bench: "simulated-one-device", instrument: "smu1", command: "smub.source.limiti=1e-3\n",
      setting: "smub.source.limiti"),
    Tampering(
      bench: "simulated", instrument: "gen1", command: ":OUTP1 OFF\n", setting: "output of GA1"),
    Tampering(
      bench: "simulated", instrument: "gen1", command: ":TRIG1:DEL 1\n",
      setting: ":TRIG1:DEL?"),
    Tampering(
      bench: "simulated", instrument: "gen1", command: ":OUTP1:POL NORM\n", setting: ":OUTP1:POL?"),
    Tampering(
      bench: "simulated-2450", instrument: "gate", command: ":OUTP OFF\n", setting: "output of GA1"),
    Tampering(
      bench: "simulated-b2902a", instrument: "smu", command: ":SENS2:CURR:PROT 1e-3\n",
      setting: ":SENS2:CURR:PROT?"),
  ]

  @Test(arguments: tamperings)
  private func whatMovedIsNamed(_ tampering: Tampering) async throws {
    let rig = try await LiveRig.armed(tampering.bench)
    try await Self.perform(on: rig)
    try await rig.live.verify()
    let link = try rig.lab.open(tampering.instrument)
    try link.send(Array(tampering.command.utf8), deadline: .after(1))
    let error = await #expect(throws: BenchError.self) { try await rig.live.verify() }
    guard case .failed(let failure as InstrumentFailure) = error,
      case .moved(let setting, _, _, let seconds) = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failure.instrument == tampering.instrument && failure.castsDoubt)
    #expect(setting == tampering.setting)
    #expect(seconds >= 0 && seconds < 1)
  }

  /// With the results of a script, long before a verification is due.
  @Test func anOutputThatIsOffAfterAScriptIsNamed() async throws {
    let rig = try await LiveRig.armed("simulated-one-device")
    let site = rig.file.wiring.sites[0]
    let read = Step.read(
      Reading(drives: [.init(site.drain, level: 0.1)], measures: [site.meter], integration: 0.02))
    let program = Program([.repeat(5, [.pulse(site.gate, level: 4, width: 0.01), read])])
    _ = try await rig.live.perform(program)
    try rig.lab.open("smu1").send(
      Array("smua.source.output=0\n".utf8), deadline: .after(1))
    let error = await #expect(throws: BenchError.self) {
      try await rig.live.perform(program)
    }
    guard case .failed(let failure as InstrumentFailure) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failure.castsDoubt && failure.message.contains("output of GA1"), "\(failure.message)")
  }

  /// On every family: what programs change is no change of somebody else's.
  @Test(arguments: [
    "simulated", "simulated-triggered", "simulated-one-device", "simulated-2400",
    "simulated-2400-triggered", "simulated-2450", "simulated-b2902a",
  ])
  func programsAreNoTampering(bench: String) async throws {
    let rig = try await LiveRig.armed(bench)
    try await rig.live.verify()
    try await Self.perform(on: rig)
    try await rig.live.verify()
    let train = PulseTrain(
      slots: 3, width: 0.01, gap: 0.04, lines: [.init("GA1", level: 3, fires: nil)])
    _ = try await rig.live.perform(Program([.train(train)]))
    try await rig.live.verify()
  }

  /// In a run of hours it takes a hundredth of the time at most.
  @Test func verificationIsRare() async throws {
    let rig = try await LiveRig.armed("simulated-2400")
    rig.forget()
    var programs = 0
    while !rig.sent().contains(where: { $0.contains(":SENS:CURR:PROT?") }) {
      try await Self.perform(on: rig)
      programs += 1
      try #require(programs < 5000)
    }
    // A program takes about 0.1 s.
    #expect(programs > 300)
  }
}

import SaltireBenches
import SaltireInstruments
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import TestRigs
import Testing

/// Two 2450, which must speak the language that they are spoken to in.
@Suite struct RequirementTests {
  @Test func pulsesAndReadsAreDoneOnA2450() async throws {
    let rig = try await LiveRig.armed("simulated-2450", ["meters.noise=0 A"])
    #expect(rig.energised == rig.file.wiring.terminals)
    let read = Reading(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02)
    let pulse = Step.pulse("GA1", level: 4, width: 0.01)
    let seen = try await rig.live.perform(Program([.read(read), pulse, pulse, .read(read)]))
    let device = try #require(rig.lab.devices["A1"])
    #expect(device.pulses == 2)
    #expect(seen.currents[1] < seen.currents[0])
    #expect(abs(-seen.currents[1] / 0.1 / device.conductance - 1) < 1e-5)
    #expect(await rig.live.makeSafe().isSafe)
    #expect(rig.energised.isEmpty)
  }

  /// A check tells what is required along with what arming sets.
  @Test func aCheckAsksWhatIsRequired() async throws {
    let rig = try LiveRig("simulated-2450")
    _ = try await rig.live.connect()
    for check in try await rig.live.check() {
      let setting = try #require(check.settings.first)
      #expect(setting.question == "*LANG?" && setting.found == "SCPI" && setting.isAsArmed)
    }
  }

  @Test(arguments: ["TSP", "SCPI2400"])
  func anotherLanguageIsRefusedBeforeAnythingIsSet(language: String) async throws {
    let rig = try LiveRig("simulated-2450")
    _ = rig.lab.receive(Array("*LANG \(language)\n".utf8), at: "drain")
    let error = await #expect(throws: BenchError.self) { _ = try await rig.live.connect() }
    guard case .failed(let failure as InstrumentFailure)? = error, case .unfit = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failure.instrument == "drain")
    #expect(
      failure.message.contains("'*LANG?' is \"\(language)\", but SCPI is required: set its command")
    )
    #expect(rig.sent(to: "drain") == ["*IDN?\n", "*LANG?\n"])
    #expect(!rig.sent().contains { $0.contains("*LANG ") })
    #expect(rig.energised.isEmpty)
  }
}

import SaltireCore
import SaltireSimulation
import TestRigs
import Testing

@testable import SaltirePrograms
@testable import SaltireRig

/// What programs become is held against the limits too: what a generator needs while its
/// levels change places, and what numbers become in commands. One after another: every rig
/// holds descriptors.
@Suite(.serialized) struct LoweredLevelTests {
  private static let narrow = ["limits.gate.min=-20 mV"]
  private static let narrowAbove = ["limits.gate.max=20 mV"]

  private static let cases: [(settings: [String], level: Double, isWithin: Bool)] = [
    (narrow, 1, false), (narrow, -0.02, true), (["limits.gate.min=-50 mV"], 1, true),
    (narrowAbove, -1, false), (narrowAbove, 0.02, true), (["limits.gate.max=50 mV"], -1, true),
    (["limits.devices.A1.gate.min=-20 mV"], 1, false), ([], 1, true),
    // The step is from 0 V to the level that is not pulsed.
    (["limits.gate.step=40 mV"], 0.03, false),
  ]

  @Test(arguments: cases)
  func whatAGeneratorNeedsMeanwhileIsHeldAgainstTheWindow(
    settings: [String], level: Double, isWithin: Bool
  ) async throws {
    let rig = try await LiveRig.armed("simulated", settings)
    rig.forget()
    let program = Program([.pulse("GA1", level: level, width: 0.01)])
    if isWithin {
      _ = try await rig.live.perform(program)
      return
    }
    let error = await #expect(throws: BenchError.self) { try await rig.live.perform(program) }
    guard case .limit(let violation)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(violation.value == 0.05)
    #expect(rig.sent().isEmpty, "\(rig.sent())")
  }

  /// Trains that generators count and waveforms are made by the same lines.
  @Test func trainsAreHeldToo() async throws {
    let rig = try await LiveRig.armed("simulated-triggered", Self.narrow)
    rig.forget()
    let train = PulseTrain(
      slots: 8, width: 0.01, gap: 0.01, lines: [.init("GA1", level: 1, fires: nil)])
    await #expect(throws: BenchError.self) {
      try await rig.live.perform(Program([.train(train)]))
    }
    #expect(rig.sent().isEmpty)
  }

  @Test func aLevelIsWhatArrives() {
    #expect(LiveBench.sent(0.1 + 0.2) == 0.1 + 0.2)
    #expect(LiveBench.sent(1.23456789019) == 1.23456789)
    #expect(LiveBench.sent(1.2345678995) == 1.2345679)
    #expect(LiveBench.sent(0) == 0)
    #expect(LiveBench.sent(-1.0 / 3) == -0.333333333)
  }

  /// A level within its limit that a command rounds beyond it.
  @Test func roundingDoesNotPassALimit() async throws {
    let rig = try await LiveRig.armed("simulated", ["limits.gate.max=1.2345678995 V"])
    rig.forget()
    await #expect(throws: BenchError.self) {
      try await rig.live.perform(Program([.pulse("GA1", level: 1.2345678995, width: 0.01)]))
    }
    await #expect(throws: BenchError.self) {
      try await rig.live.perform(Program([.pulse("RA", level: -1.2345678995, width: 0.01)]))
    }
    #expect(rig.sent().isEmpty)
  }

  // MARK: Limits of devices

  @Test(arguments: [
    (
      "gate.voltage=6 V", "gate.voltage of A1, 6 V, is less strict than the limit of the bench, 5 V"
    ),
    ("gate.width=200 ms", "gate.width of A1, 200 ms, is less strict than"),
    ("drain.voltage=300 mV", "drain.voltage of A1, 300 mV, is less strict than"),
  ])
  func aDeviceHasNoLooserLimits(setting: String, message: String) {
    let error = #expect(throws: Diagnostics.self) {
      try Shipped.bench("model", ["limits.devices.A1.\(setting)"])
    }
    #expect(error?.items.first?.message.hasPrefix(message) == true, "\(error?.rendered ?? "")")
    #expect(error?.rendered.contains("model.yaml:") == true)
  }

  @Test func aDeviceHasNoLooserWindow() {
    for (all, own) in [
      ("min=-2 V", "min=-3 V"), ("max=2 V", "max=3 V"), ("step=2 V", "step=3 V"),
      ("duty=0.2", "duty=0.3"),
    ] {
      #expect(throws: Diagnostics.self) {
        try Shipped.bench("model", ["limits.gate.\(all)", "limits.devices.A1.gate.\(own)"])
      }
      #expect(throws: Never.self) {
        try Shipped.bench("model", ["limits.gate.\(all)", "limits.devices.A1.gate.\(all)"])
      }
    }
  }
}

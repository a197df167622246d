import SaltireInstruments
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import TestRigs
import Testing

/// Loops of programs as sweeps of a source meter over a list.
@Suite struct ListTests {
  private static let read = Step.read(
    Reading(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02))

  private static func rig(_ engine: String, _ settings: [String] = []) async throws -> LiveRig {
    let rig = try await LiveRig.armed(
      "simulated-2400-triggered", ["meters.noise=0 A", "engine=\(engine)"] + settings)
    rig.forget()
    return rig
  }

  /// What went to and from the source meter while it performed a program.
  private static func traffic(
    _ rig: LiveRig, _ program: Program
  ) async throws -> (seen: Observations, messages: Int, seconds: Double) {
    let before = rig.lab.wireTraffic["drain"] ?? LabTraffic()
    let seen = try await rig.live.perform(program)
    let after = rig.lab.wireTraffic["drain"] ?? LabTraffic()
    return (
      seen, after.messages - before.messages,
      after.wireTime(baud: 9600) - before.wireTime(baud: 9600)
    )
  }

  /// The readings of step by step, in a fiftieth of the messages and two
  /// thirds of the time on a line of 9600 baud.
  @Test func aSweepDoesWhatTheHostDoes() async throws {
    let program = Program(
      [4.0, -4.0].map { level in
        .repeat(1000, [.pulse("GA1", level: level, width: 0.01), .rest(0.01), Self.read])
      })
    let (swept, stepped) = (try await Self.rig("best"), try await Self.rig("host-stepped"))
    let fast = try await Self.traffic(swept, program)
    let slow = try await Self.traffic(stepped, program)
    #expect(fast.seen.currents.count == 2000 && slow.seen.currents.count == 2000)
    for (a, b) in zip(fast.seen.currents, slow.seen.currents) { #expect(abs(a / b - 1) < 1e-5) }
    #expect(swept.lab.devices["A1"]?.pulses == 2000)
    // One query a reading is the least that stepping could need.
    #expect(fast.messages * 50 < 2000)
    #expect(fast.seconds * 1.5 < slow.seconds)
    #expect(fast.seen.duration < 1.1 * program.extent.duration)
  }

  /// The read voltage is gone before the pulse begins, and the pulse has its
  /// width.
  @Test func nothingIsReadDuringPulses() async throws {
    let rig = try await Self.rig("best")
    let loop = Step.repeat(40, [.pulse("GA1", level: 4, width: 0.01), .rest(0.03), Self.read])
    _ = try await rig.live.perform(Program([loop]))
    #expect(rig.lab.devices["A1"]?.pulses == 40)
    #expect(rig.lab.extremes["A1"]?.channelInPulse == 0)
    #expect(rig.sent(to: "gen1").contains { $0.contains("TRIG1:SOUR EXT") })
    #expect(rig.sent(to: "gen1").last?.contains("TRIG1:SOUR BUS") == true)
  }

  /// Rests shorter than a reading cannot be passed by readings; two different
  /// ones are no list.
  @Test(arguments: [0.001, 0.015])
  func whatIsNoSweepIsStepped(rest: Double) async throws {
    let rig = try await Self.rig("best")
    _ = try await rig.live.perform(Program([.repeat(5, [Self.read, .rest(rest)])]))
    #expect(!rig.sent().contains { $0.contains("LIST") })
    _ = try await rig.live.perform(Program([.repeat(5, [Self.read, .rest(0.05)])]))
    #expect(rig.sent().contains { $0.contains("LIST") })
  }

  /// More readings than its memory has are several sweeps.
  @Test func longLoopsAreCut() async throws {
    let rig = try await Self.rig("best")
    let seen = try await rig.live.perform(Program([.repeat(6001, [Self.read])]))
    #expect(seen.currents.count == 6001)
    #expect(rig.sent().count(where: { $0.contains(":READ?") }) <= 4)
    #expect(seen.currents.allSatisfy { $0 == seen.currents[1] })
  }

  @Test func aLimitEndsTheSweep() async throws {
    let rig = try await Self.rig("best", ["terminals.DA1.current=0.3 uA"])
    let loop = Step.repeat(200, [.pulse("GA1", level: 4, width: 0.01), .rest(0.03), Self.read])
    await #expect {
      _ = try await rig.live.perform(Program([loop]))
    } throws: { error in
      guard case .limit(let violation) = error as? BenchError else { return false }
      return violation.kind == .compliance && violation.place == "DA1"
    }
    _ = await rig.live.makeSafe()
    #expect(rig.energised.isEmpty)
  }
}

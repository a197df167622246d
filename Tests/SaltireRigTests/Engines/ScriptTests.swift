import SaltirePrograms
import SaltireRig
import SaltireSimulation
import TestRigs
import Testing

/// Programs as scripts inside a source meter.
@Suite struct ScriptTests {
  private static let read = Step.read(
    Reading(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02))

  /// Up and down pulses with a read after each.
  private static func swords(_ pulses: Int) -> Program {
    Program(
      [4.0, -4.0].map { level in
        .repeat(pulses, [.pulse("GA1", level: level, width: 0.01), .rest(0.01), read])
      })
  }

  private static func rig(_ engine: String, _ settings: [String] = []) async throws -> LiveRig {
    let rig = try await LiveRig.armed(
      "simulated-one-device", ["meters.noise=0 A", "engine=\(engine)"] + settings)
    rig.forget()
    return rig
  }

  /// The same currents as step by step, to the digits of its numbers, in a
  /// hundredth of the messages and within a twentieth of the time programmed.
  @Test func aScriptDoesWhatTheHostDoes() async throws {
    let program = Self.swords(1000)
    let (inside, stepped) = (try await Self.rig("best"), try await Self.rig("host-stepped"))
    let seen = try await inside.live.perform(program)
    let wanted = try await stepped.live.perform(program)
    #expect(seen.currents.count == 2000 && wanted.currents.count == 2000)
    for (a, b) in zip(seen.currents, wanted.currents) { #expect(abs(a / b - 1) < 1e-5) }
    #expect(inside.lab.devices["A1"]?.pulses == 2000)
    let programmed = program.extent.duration
    #expect(seen.duration > programmed && seen.duration < 1.05 * programmed)
    #expect(inside.sent().count * 100 < stepped.sent().count)
  }

  /// Every reading comes back in its place, also from loops in loops and from
  /// more readings than one script keeps.
  @Test(arguments: [1, 7, 61, 60_500])
  func readingsKeepTheirOrder(rounds: Int) async throws {
    let rig = try await Self.rig("best")
    let levels = [0.05, 0.1, -0.1]
    let reads = levels.map {
      Step.read(Reading(drives: [.init("DA1", level: $0)], measures: ["DA1"], integration: 0.0002))
    }
    let program =
      rounds > 1000
      ? Program([.repeat(rounds, [reads[0], .rest(0.001)]), reads[2]])
      : Program([.repeat(rounds, [reads[0], .repeat(2, [reads[1], .rest(0.001)])]), reads[2]])
    let seen = try await rig.live.perform(program)
    let scale = seen.currents[0] / 0.05
    let expected =
      (rounds > 1000
        ? [Double](repeating: 0.05, count: rounds)
        : (0..<rounds).flatMap { _ in [0.05, 0.1, 0.1] }) + [-0.1]
    #expect(seen.currents.count == expected.count)
    #expect(zip(seen.currents, expected).allSatisfy { abs($0 / $1 / scale - 1) < 1e-5 })
  }

  /// A script never ends within a pulse, however long the train.
  @Test func noPulseIsCut() async throws {
    let rig = try await Self.rig("best")
    let train = PulseTrain(
      slots: 601, width: 0.01, gap: 0.01, lines: [.init("GA1", level: 4, fires: nil)])
    _ = try await rig.live.perform(Program([.rest(0.01), .train(train)]))
    #expect(rig.lab.devices["A1"]?.pulses == 601)
    for script in rig.sent().filter({ $0.contains("loadandrunscript") }) {
      let levels = script.split(separator: "\n").filter { $0.hasPrefix("smua.source.levelv=") }
      #expect(levels.last == "smua.source.levelv=0")
    }
  }

  /// A reading at its limit ends the script with every level at 0 V.
  @Test func aLimitEndsTheScript() async throws {
    let rig = try await Self.rig("best", ["terminals.DA1.current=0.3 uA"])
    let program = Program([.repeat(50, [.pulse("GA1", level: 4, width: 0.01), Self.read])])
    await #expect {
      _ = try await rig.live.perform(program)
    } throws: { error in
      guard case .limit(let violation) = error as? BenchError else { return false }
      return violation.kind == .compliance && violation.place == "DA1"
    }
    #expect(try #require(rig.lab.devices["A1"]).pulses < 50)
    #expect(rig.sent().count(where: { $0.contains("loadandrunscript") }) == 1)
    _ = await rig.live.makeSafe()
    #expect(rig.energised.isEmpty)
  }

  /// Short pulses are for scripts, those too short for nobody.
  @Test func shortPulsesAreTimedInside() async throws {
    let rig = try await Self.rig("best")
    _ = try await rig.live.perform(Program([.pulse("GA1", level: 4, width: 0.002)]))
    rig.forget()
    await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([.pulse("GA1", level: 4, width: 0.0005)]))
    }
    #expect(rig.sent().isEmpty)
  }
}

import SaltireBenches
import SaltireCore
import SaltireDevices
import SaltireLearning
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import TestRigs
import Testing

@Suite struct LiveBenchTests {
  /// A device's current at its read voltage, to the six digits that a source
  /// meter tells.
  @Test(arguments: [
    "simulated", "simulated-one-device", "simulated-2400", "simulated-2450", "simulated-b2902a",
  ])
  func aReadObeysOhmsLaw(bench: String) async throws {
    let rig = try await LiveRig.armed(bench, ["meters.noise=0 A"])
    for site in rig.file.wiring.sites {
      let read = Reading(
        drives: [.init(site.drain, level: 0.1)], measures: [site.meter], integration: 0.02)
      let seen = try await rig.live.perform(Program([.read(read)]))
      let truth = try #require(rig.lab.devices[site.device]).conductance
      let found = site.meterSign * seen.currents[0] / 0.1
      #expect(abs(found / truth - 1) < 1e-5)
      #expect(abs(seen.duration - 0.02) < 1e-12)
    }
  }

  /// What a half-bias update of array A does, by the solver: full voltage on
  /// the coincidences only, nothing along any channel, nothing at C.
  private static func update(_ rig: LiveRig, up: Bool) async throws -> Int {
    var random = RandomStream(seed: 7, name: up ? "up" : "down")
    let row = BitTrain(probability: 0.6, count: 31, random: &random)
    let gate = BitTrain(probability: 0.6, count: 31, random: &random)
    let half = up ? 2.0 : -2.0
    let train = PulseTrain(
      slots: 31, width: 0.01, gap: 0.01,
      lines: [
        .init("RA", level: -half, fires: row), .init("GA1", level: half, fires: gate),
        .init("GA2", level: half, fires: nil),
      ])
    let seen = try await rig.live.perform(Program([.train(train)]))
    #expect(abs(seen.duration - train.duration) < 1e-9)
    return row.coincidences(with: gate).pulses
  }

  @Test func updatingAMovesNoDeviceOfCAndBiasesNoChannel() async throws {
    let rig = try await LiveRig.armed()
    let before = rig.lab.devices
    let up = try await Self.update(rig, up: true)
    let down = try await Self.update(rig, up: false)
    let after = rig.lab.devices
    #expect(after["A1"]?.pulses == up + down)
    #expect(up > 3 && down > 3)
    for name in ["C1", "C2"] {
      #expect(after[name]?.pulses == 0)
      #expect(after[name]?.device.weight == before[name]?.device.weight)
      #expect(rig.lab.extremes[name]?.gate == 0)
    }
    for name in ["A1", "A2"] { #expect(rig.lab.extremes[name]?.gate == 4) }
    for (name, extreme) in rig.lab.extremes {
      #expect(extreme.channelInPulse <= 1e-3, "\(name)")
    }
  }

  /// Where half-selected pulses disturb, a row or gate alone moves a device.
  @Test func halfSelectedDevicesMoveWhereTheyAreDisturbed() async throws {
    let rig = try await LiveRig.armed("simulated", ["devices.pulse.half_select_disturb=on"])
    let coincidences = try await Self.update(rig, up: true)
    let moved = try #require(rig.lab.devices["A1"]?.pulses)
    #expect(moved > coincidences)
  }

  /// A device that half-bias updates must leave alone stays to the last bit.
  @Test func halfSelectedDevicesStay() async throws {
    let rig = try await LiveRig.armed()
    let train = PulseTrain(
      slots: 20, width: 0.01, gap: 0,
      lines: [.init("RA", level: -2, fires: nil), .init("GA1", level: 2, fires: nil)])
    let before = try #require(rig.lab.devices["A2"]?.device.weight)
    _ = try await rig.live.perform(Program([.train(train)]))
    #expect(rig.lab.devices["A1"]?.pulses == 20)
    #expect(rig.lab.devices["A2"]?.pulses == 0)
    #expect(rig.lab.devices["A2"]?.device.weight == before)
  }

  /// On a bench whose gates are source meters the host times the pulses, and
  /// refuses those that it cannot.
  @Test func hostsTimeNoShortPulses() async throws {
    let rig = try await LiveRig.armed("simulated-one-device", ["engine=host-stepped"])
    _ = try await rig.live.perform(Program([.pulse("GA1", level: 4, width: 0.01)]))
    #expect(rig.lab.devices["A1"]?.pulses == 1)
    rig.forget()
    await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([.pulse("GA1", level: 4, width: 0.001)]))
    }
    #expect(rig.sent().isEmpty)
  }

  /// What a terminal is not for is refused before a byte leaves, also what is
  /// behind a part that would be fine.
  @Test func refusedProgramsSendNothing() async throws {
    let rig = try await LiveRig.armed()
    rig.forget()
    let fine = Step.pulse("GA1", level: 4, width: 0.01)
    let wrong: [Step] = [
      .pulse("GA1", level: 5.5, width: 0.01), .pulse("XX", level: 1, width: 0.01),
      .repeat(-1, [fine]),
      .read(Reading(drives: [.init("DA1", level: 3)], measures: ["RA"], integration: 0.02)),
      .read(Reading(drives: [.init("GA1", level: 5.5)], measures: ["RA"], integration: 0.02)),
      .read(Reading(drives: [.init("DA1", level: 0.1)], measures: ["GA1"], integration: 0.02)),
    ]
    for step in wrong {
      await #expect(throws: BenchError.self) {
        _ = try await rig.live.perform(Program([fine, step]))
      }
    }
    #expect(rig.sent().isEmpty)
    #expect(rig.lab.devices["A1"]?.pulses == 0)
  }

  /// A generator holds its level in a read with one pulse that outlasts it, within the limit of
  /// reads.
  @Test func generatorsHoldALevelInARead() async throws {
    let rig = try await LiveRig.armed("simulated", ["lab.resistors=1 MOhm", "meters.noise=0 A"])
    let limited = LimitedBench(rig.live, limits: try Shipped.bench("simulated").limits)
    func read(_ level: Double) -> Program {
      Program([
        .read(
          Reading(
            drives: [.init("GA1", level: level)], measures: ["RA", "DA1", "DA2"],
            integration: 0.02))
      ])
    }
    let seen = try await limited.perform(read(-0.1))
    #expect(abs(seen.currents[1] + 1e-7) < 1e-10)
    #expect(abs(seen.currents[0]) + abs(seen.currents[2]) < 1e-12)
    // It is over when the program is.
    let after = try await limited.perform(
      Program([.read(Reading(drives: [], measures: ["DA1"], integration: 0.02))]))
    #expect(abs(after.currents[0]) < 1e-12)
    rig.forget()
    await #expect(throws: BenchError.self) { _ = try await limited.perform(read(0.3)) }
    #expect(rig.sent().isEmpty)
  }

  /// A current at the limit stops the run; the reading is no result.
  @Test func complianceStopsARun() async throws {
    let rig = try await LiveRig.armed("simulated", ["terminals.RA.current=100 nA"])
    let read = Reading(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02)
    let error = await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([.read(read)]))
    }
    guard case .limit(let violation)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(violation.kind == .compliance && violation.place == "RA")
  }

  /// Somebody turned the range down at the front panel: what is beyond it is no
  /// current, whoever times the reading.
  @Test(arguments: ["host-stepped", "best"])
  func aReadingBeyondItsRangeStopsARun(engine: String) async throws {
    let rig = try await LiveRig.armed("simulated-one-device", ["engine=\(engine)"])
    let read = Step.read(
      Reading(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02))
    let program = Program([.repeat(3, [read, .rest(0.01)])])
    _ = try await rig.live.perform(program)
    #expect(rig.sent().contains { $0.contains("loadandrunscript") } == (engine == "best"))
    _ = rig.lab.receive(Array("smub.measure.rangei=1e-9\n".utf8), at: "smu1")
    let error = await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(program)
    }
    guard case .limit(let violation)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(violation.kind == .overflow && violation.place == "DA1")
  }

  /// An integration time is as many cycles of the mains as the place has.
  @Test(arguments: [(50.0, "1"), (60.0, "1.2")])
  func integrationTimesCountInCyclesOfTheMains(hertz: Double, cycles: String) async throws {
    let rig = try await LiveRig.armed("simulated", ["mains=\(hertz) Hz", "engine=host-stepped"])
    rig.forget()
    let read = Reading(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02)
    let observations = try await rig.live.perform(Program([.read(read)]))
    #expect(rig.sent().contains { $0.contains("measure.nplc=\(cycles) ") }, "\(rig.sent())")
    #expect(abs(observations.duration - 0.02) < 1e-9)
  }

  @Test func nothingIsPerformedUnarmed() async throws {
    let rig = try LiveRig()
    _ = try await rig.live.connect()
    rig.forget()
    await #expect(throws: BenchError.self) { _ = try await rig.live.perform(Program([.rest(1)])) }
    #expect(rig.sent().isEmpty)
  }

  /// A drain that is driven and at its limit is not at its level: what the row
  /// measures then is no conductance.
  @Test func aDriveAtItsLimitStopsARun() async throws {
    let rig = try await LiveRig.armed("simulated", ["terminals.DA2.current=100 nA"])
    let read = Reading(drives: [.init("DA2", level: 0.1)], measures: ["RA"], integration: 0.02)
    let error = await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([.read(read)]))
    }
    guard case .limit(let violation)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(violation.kind == .compliance && violation.place == "DA2")
  }

  /// After a failure nobody knows what the instruments are set to.
  @Test func aBenchThatFailedMustBeArmedAgain() async throws {
    let rig = try await LiveRig.armed("simulated", ["terminals.RA.current=100 nA"])
    let read = Reading(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02)
    await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([.read(read)]))
    }
    rig.forget()
    await #expect(throws: BenchError.self) { _ = try await rig.live.perform(Program([.rest(1)])) }
    #expect(rig.sent().isEmpty)
    _ = await rig.live.makeSafe()
    try await rig.live.arm()
    _ = try await rig.live.perform(Program([.rest(1)]))
  }
}

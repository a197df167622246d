import SaltireBenches
import SaltireCore
import SaltireLearning
import SaltirePrograms
import TestRigs
import Testing

@Suite struct ModelBenchTests {
  /// Nothing random is left in the devices and the meters.
  private static let quiet = [
    "devices.cycle_to_cycle=0", "devices.device_to_device=off", "meters.noise=0 A",
  ]

  /// 130 slots at half of 4 V on the gate and on the row of A1; A2's gate is
  /// left alone.
  private static func halves(gate: Double, row: Double) -> (train: Step, coincidences: Int) {
    var random = RandomStream(seed: 11)
    let gates = BitTrain(probability: 0.5, count: 130, random: &random)
    let rows = BitTrain(probability: 0.5, count: 130, random: &random)
    let train = PulseTrain(
      slots: 130, width: 0.01, gap: 0,
      lines: [.init("RA", level: row, fires: rows), .init("GA1", level: gate, fires: gates)])
    return (.train(train), (0..<130).filter { gates[$0] && rows[$0] }.count)
  }

  @Test(arguments: [2.0, -2.0])
  func coincidencesMoveADeviceAndHalvesDoNot(level: Double) async throws {
    let bench = try ModelBench("model", Self.quiet)
    let reference = try ModelBench("model", Self.quiet)
    let before = bench.conductance("A1")
    let (train, coincidences) = Self.halves(gate: level, row: -level)
    _ = try await bench.perform(Program([train]))
    #expect(coincidences > 10 && coincidences < 60)
    _ = try await reference.perform(
      Program([.repeat(coincidences, [.pulse("GA1", level: 2 * level, width: 0.01)])]))
    #expect(bench.conductance("A1") == reference.conductance("A1"))
    // Gate minus row gives the direction.
    #expect((bench.conductance("A1") > before) == (level > 0))
    // A2 shares the row, C1 shares nothing.
    #expect(bench.conductance("A2") == before)
    #expect(bench.conductance("C1") == before)
  }

  @Test func halvesMoveDevicesThatAreDisturbed() async throws {
    let bench = try ModelBench("model", Self.quiet + ["devices.pulse.half_select_disturb=on"])
    let before = bench.conductance("A1")
    _ = try await bench.perform(
      Program([.repeat(20, [.pulse("RA", level: -2, width: 0.01)])]))
    // A row below its gates pulls all devices of the array up, and no other.
    #expect(bench.conductance("A1") > before)
    #expect(bench.conductance("A2") == bench.conductance("A1"))
    #expect(bench.conductance("C1") == before)
    // 20 half pulses make what 2 whole ones do, at a selectivity of 10.
    let whole = try ModelBench("model", Self.quiet)
    _ = try await whole.perform(Program([.repeat(2, [.pulse("GA1", level: 4, width: 0.01)])]))
    let moved = bench.conductance("A1") - before
    #expect(abs(moved / (whole.conductance("A1") - before) - 1) < 0.02)
  }

  @Test func aRowCollectsTheCurrentsOfItsDrains() async throws {
    let bench = try ModelBench("model", seed: 2, ["meters.noise=0 A"])
    _ = try await bench.perform(
      Program([.repeat(40, [.pulse("GA1", level: 4, width: 0.01)])]))
    let (first, second) = (bench.conductance("A1"), bench.conductance("A2"))
    #expect(abs(first - second) > 1e-8)
    func read(_ drives: [Reading.Drive], _ measures: [Terminal]) async throws -> [Double] {
      try await bench.perform(
        Program([.read(Reading(drives: drives, measures: measures, integration: 0.02))])
      ).currents
    }
    let both = try await read(
      [.init("DA1", level: 0.1), .init("DA2", level: -0.05)], ["RA", "DA1", "DA2", "RC"])
    #expect(abs(both[0] - (first * 0.1 - second * 0.05)) < 1e-18)
    #expect(both[1] == -first * 0.1)
    #expect(both[2] == second * 0.05)
    #expect(both[3] == 0)
    // What counts is drain minus row.
    let lifted = try await read([.init("RA", level: -0.1)], ["RA"])
    #expect(abs(lifted[0] - (first + second) * 0.1) < 1e-18)
  }

  @Test func labTimeIsWhatProgramsTake() async throws {
    let bench = try ModelBench()
    var programs = RandomPrograms(seed: 12)
    programs.terminals = bench.wiring.terminals
    var time = 0.0
    for _ in 0..<100 {
      let program = programs.program()
      let observations = try await bench.perform(program)
      #expect(observations.start == time)
      #expect(abs(observations.duration - program.extent.duration) <= 1e-9 * max(time, 1))
      #expect(observations.currents.count == program.readings)
      time = observations.end
    }
    #expect(time > 10)
  }

  @Test func aSeedGivesOneRunAndNoOtherSeedDoes() async throws {
    let program = Program([
      .repeat(30, [.pulse("GA1", level: 4, width: 0.01), .look(), .look("DC2", "RC")])
    ])
    let runs = try await each([7, 7, 8] as [UInt64]) { seed in
      try await ModelBench(seed: seed).perform(program).currents
    }
    #expect(runs[0] == runs[1])
    #expect(zip(runs[0], runs[2]).allSatisfy { $0 != $1 })
    // A bench with a seed of its own keeps its devices whatever the run's is.
    let own = try await each([7, 8] as [UInt64]) { seed in
      try await ModelBench(seed: seed, ["devices.seed=3"]).perform(program).currents
    }
    #expect(own[0] == own[1])
  }

  @Test func anAddedReadChangesNoPulse() async throws {
    let plain = try ModelBench(seed: 3)
    let watched = try ModelBench(seed: 3)
    for _ in 0..<50 {
      _ = try await plain.perform(Program([.pulse("GA1", level: 4, width: 0.01)]))
      _ = try await watched.perform(Program([.pulse("GA1", level: 4, width: 0.01), .look()]))
    }
    #expect(plain.conductance("A1") == watched.conductance("A1"))
    // Nor does it shift the noise of another terminal's meter.
    let other = Program([.look("DC1", "RC")])
    let currents = try await each([plain, watched]) { try await $0.perform(other).currents }
    #expect(currents[0] == currents[1])
  }

  /// Nothing of a refused program is performed.
  @Test func anUnknownTerminalIsRefusedBeforeAnythingMoves() async throws {
    let unknown: [Step] = [
      .pulse("GX", level: 4, width: 0.01), .look("DX"), .look("DA1", "RX"),
      .repeat(2, [.look("DA1", "RX")]),
    ]
    for step in unknown {
      let bench = try ModelBench()
      let before = bench.conductance("A1")
      let error = await failure { () throws(BenchError) in
        try await bench.perform(Program([.pulse("GA1", level: 4, width: 0.01), step]))
      }
      guard case .unknownTerminal(let terminal)? = error else {
        Issue.record("\(step) gave \(String(describing: error))")
        continue
      }
      #expect(terminal.name.hasSuffix("X"))
      #expect(bench.conductance("A1") == before)
      #expect(try await bench.perform(Program([])).start == 0)
    }
  }
}

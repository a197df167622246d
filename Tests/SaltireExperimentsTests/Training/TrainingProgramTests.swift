import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltirePrograms
import TestRigs
import Testing

/// What a training run asks the bench for.
@Suite struct TrainingProgramTests {
  /// Updates are trains on a row and on gates of its columns, half of the
  /// pulse each; how many pulses one device gets is never computed.
  @Test(arguments: ["shd", "sgd"])
  func updatesNameRowsAndGatesWithBitTrains(protocolName: String) async throws {
    let settings = ["samples=500", "target=[0.3, -0.2]"]
    let file = try Shipped.bench()
    let probe = ProbeBench(try ModelBench())
    var beforeTraining = 0
    let result = await Runner.run(
      try Shipped.experiment(protocolName, for: file, settings), on: probe, seed: 1,
      watch: { if $0 == .phase("training") { beforeTraining = probe.programs.count } })
    _ = try result.conclusion.get()
    let wiring = file.wiring
    let trains = probe.programs[beforeTraining...].flatMap(\.steps).compactMap { step in
      if case .train(let train) = step { train } else { nil }
    }
    #expect(beforeTraining > 0)
    #expect(trains.count > 500)
    for train in trains {
      #expect(train.lines.allSatisfy { $0.fires != nil })
      #expect(train.lines.allSatisfy { abs($0.level) == 2 })
      let rows = train.lines.filter { line in
        wiring.arrays.contains { $0.row == line.terminal }
      }
      let row = try #require(rows.first)
      #expect(rows.count == 1)
      let gates = train.lines.filter { $0.terminal != row.terminal }
      #expect(!gates.isEmpty)
      for gate in gates {
        let site = try #require(wiring.sites.first { $0.gate == gate.terminal })
        #expect(site.row == row.terminal)
        #expect(gate.level == -row.level)
      }
    }
    // No repeat hides a pulse from the above.
    #expect(
      probe.programs[beforeTraining...].flatMap(\.steps).allSatisfy { step in
        if case .repeat = step { false } else { true }
      })
  }

  /// One round trip a sample, and for SHD one more a transfer.
  @Test(arguments: [("shd", 500 + 50), ("sgd", 500)])
  func aSampleIsOneProgram(protocolName: String, programs: Int) async throws {
    let file = try Shipped.bench()
    let probe = ProbeBench(try ModelBench())
    var beforeTraining = 0
    _ = await Runner.run(
      try Shipped.experiment(protocolName, for: file, ["samples=500"]), on: probe, seed: 1,
      watch: { if $0 == .phase("training") { beforeTraining = probe.programs.count } })
    let count = probe.programs.count - beforeTraining
    #expect(abs(count - programs) <= 1)
  }

  /// Monitoring reads are for the eyes: where meters have no noise, which
  /// more reads would shift, the devices end as they do without.
  @Test(arguments: ["shd", "sgd"])
  func monitoringChangesNoTraining(protocolName: String) async throws {
    let ends = try await each([10, 7, 1000]) { monitor in
      let run = try await LabRun(
        protocolName, seed: 5, ["samples=1000", "monitor=\(monitor)", "meters.noise=0 A"])
      _ = try run.conclusion
      return ["A1", "A2", "C1", "C2"].map { run.bench.devices?[$0]?.conductance ?? .nan }
    }
    #expect(ends[0] == ends[1])
    #expect(ends[0] == ends[2])
  }

  /// The same seed gives the same outcome to the last digit, another seed
  /// another one.
  @Test(arguments: [
    "crossed-swords", "zero-shift", "shd", "sgd", "shd-one-parameter", "sgd-one-parameter",
  ])
  func outcomesBelongToTheirSeeds(protocolName: String) async throws {
    var settings = ["swords.pulses=600", "swords.cycles=3"]
    if protocolName.hasSuffix("one-parameter") {
      settings += ["replicas=2", "zero_shift.standard_error=0.01"]
    }
    let fixed = settings
    let conclusions = try await each([4, 4, 5] as [UInt64]) { seed in
      try await LabRun(protocolName, seed: seed, fixed).conclusion
    }
    #expect(conclusions[0] == conclusions[1])
    #expect(conclusions[0].json != conclusions[2].json)
  }
}

import SaltireAnalysis
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltirePrograms
import Synchronization
import TestRigs
import Testing

/// The shipped characterisations on the shipped benches, compared with the models' true properties.
/// A weight unit is 2 µS, half the window.
@Suite struct CharacterisationTests {
  private struct Found {
    /// Weight units.
    var error: Double
    var standardError: Double
    var converged: Bool?
  }

  private static func devices(
    _ protocolName: String, seeds: ClosedRange<UInt64>
  ) async throws -> [Found] {
    try await each(seeds) { seed in
      let run = try await LabRun(protocolName, seed: seed)
      let outcome: CharacterisationOutcome = try run.outcome()
      #expect(outcome.verdict == nil)
      return try outcome.devices.sorted { $0.key < $1.key }.map { name, device in
        let point = try #require(device.symmetryPoint)
        let truth = try #require(run.bench.truth?[name]?.symmetryPoint)
        #expect(point.unit == "S")
        return Found(
          error: (point.value - truth.value) / 2e-6, standardError: point.standardError / 2e-6,
          converged: device.converged)
      }
    }.flatMap(\.self)
  }

  /// 25 benches of four noisy devices: the 95 % interval holds the truth in
  /// 88 of 100 at least, standard errors are within 0.7 … 1.5 of the rms
  /// error, and that is at most 0.015 weight units.
  @Test func crossedSwordsTellHowSureTheyAre() async throws {
    let found = try await Self.devices("crossed-swords", seeds: 1...25)
    #expect(found.count == 100)
    let covered = found.filter { abs($0.error) <= 1.96 * $0.standardError }.count
    let squares = mean(found.map { $0.error * $0.error })
    let variances = mean(found.map { $0.standardError * $0.standardError })
    let (rms, ratio) = (squares.squareRoot(), (variances / squares).squareRoot())
    #expect(covered >= 88)
    #expect(rms <= 0.015)
    #expect(ratio > 0.7 && ratio < 1.5)
    Figures.note("swords: covered \(covered), rms \(rms), SE/rms \(ratio)")
  }

  /// Branches that cover a part of the window either locate the crossing or report that they
  /// cannot: never more than four standard errors off, over 8 seeds of four devices each.
  @Test(arguments: [(50, 2), (50, 10), (100, 2)])
  func shortSwordsAreNeverSurelyWrong(pulses: Int, cycles: Int) async throws {
    var found: [Double] = []
    for seed in UInt64(1)...8 {
      let run = try await LabRun(
        "crossed-swords", seed: seed, ["swords.pulses=\(pulses)", "swords.cycles=\(cycles)"])
      let outcome: CharacterisationOutcome = try run.outcome()
      for (name, device) in outcome.devices {
        #expect((device.symmetryPoint == nil) == (device.verdict != nil))
        #expect(device.verdict?.text.contains("window") != true)
        guard let point = device.symmetryPoint else { continue }
        let truth = try #require(run.bench.truth?[name]?.symmetryPoint)
        found.append((point.value - truth.value) / point.standardError)
      }
    }
    #expect(found.allSatisfy { abs($0) <= 4 }, "\(found)")
    Figures.note("short swords of \(pulses) x \(cycles): \(found.count) of 32, z \(found)")
  }

  /// The same hundred devices by zero-shifting: covered in 85 at least, and
  /// within 0.03 weight units in 90.
  @Test func zeroShiftingTellsHowSureItIs() async throws {
    let found = try await Self.devices("zero-shift", seeds: 1...25)
    #expect(found.count == 100)
    let covered = found.filter { abs($0.error) <= 1.96 * $0.standardError }.count
    let near = found.filter { abs($0.error) <= 0.03 }.count
    #expect(covered >= 85)
    #expect(near >= 90)
    #expect(found.filter { $0.converged == true }.count >= 90)
    Figures.note(
      "zero shift: covered \(covered), near \(near),"
        + " converged \(found.filter { $0.converged == true }.count)")
  }

  /// Ideal devices have no symmetry point; a run says so and finds none, for
  /// eight seeds.
  @Test(arguments: ["crossed-swords", "zero-shift", "shd", "sgd"])
  func symmetricDevicesHaveNoSymmetryPoint(protocolName: String) async throws {
    for seed in UInt64(1)...8 {
      let run = try await LabRun(protocolName, on: "model-symmetric", seed: seed)
      let verdict = try #require(try run.conclusion.verdict)
      #expect(verdict.contains("no symmetry point"))
      #expect(verdict.hasPrefix("A1: ") || verdict.hasPrefix("C1: "))
      let devices = try run.outcome(as: CharacterisationOutcome.self).devices
      #expect(devices.values.allSatisfy { $0.symmetryPoint == nil })
      #expect(try #require(run.bench.truth).values.allSatisfy { $0.symmetryPoint == nil })
    }
  }

  /// Turning at conductances keeps the reads between them, but for the noise
  /// of one read and the step that carries over the edge.
  @Test func branchesTurnWhereTheyAreAsked() async throws {
    let run = try await LabRun(
      "crossed-swords", seed: 1,
      ["swords.turn.min=2 uS", "swords.turn.max=3 uS", "swords.start=as-is", "measure=A1"])
    let outcome: CharacterisationOutcome = try run.outcome()
    let range = try #require(outcome.devices["A1"]?.range)
    #expect(range.min > 1.8e-6 && range.max < 3.2e-6)
    #expect(Array(outcome.devices.keys) == ["A1"])
  }

  /// If the protocol does not allow even one block there is no reference, and nothing is trained
  /// without a measured reference.
  @Test func withoutPairsNothingIsTrained() async throws {
    let run = try await LabRun("shd", seed: 1, ["zero_shift.pairs=100"])
    let outcome: TrainingOutcome = try run.outcome()
    #expect(outcome.target == nil)
    #expect(outcome.devices.values.allSatisfy { $0.symmetryPoint == nil })
    #expect(outcome.verdict?.text.contains("needs at least") == true)
  }

  /// A device also turns at the turning point during the initial down pulses.
  @Test func theWayDownTurnsWhereItIsTold() async throws {
    let file = try Shipped.bench()
    let settings = [
      "swords.turn.min=2 uS", "swords.turn.max=3.5 uS", "swords.cycles=1", "measure=A1",
    ]
    let probe = ProbeBench(
      ModelBench(wiring: file.wiring, devices: try #require(file.devices), seed: 1))
    let experiment = try Shipped.experiment("crossed-swords", for: file, settings)
    let lowest = Mutex(Double.infinity)
    let watched = ReadingBench(probe) { conductance in
      lowest.withLock { $0 = min($0, conductance) }
    }
    _ = try await Runner.run(experiment, on: watched, seed: 1).conclusion.get()
    // A step and the noise of a read below the turning point at most.
    #expect(lowest.withLock { $0 } > 1.9e-6)
    #expect(probe.programs.allSatisfy { $0.extent.pulses <= 1 })
  }
}

/// A bench that reports single-device reads to a test.
private final class ReadingBench: Bench {
  private let inner: any Bench
  private let hear: @Sendable (Double) -> Void

  init(_ inner: any Bench, hear: @escaping @Sendable (Double) -> Void) {
    self.inner = inner
    self.hear = hear
  }

  var wiring: Wiring { inner.wiring }

  func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    let prepared = try await inner.prepare(program)
    return PreparedProgram { [self] () async throws(BenchError) in
      let observations = try await prepared.perform()
      // What drains give shows with the other sign before anything is pulsed.
      for current in observations.currents where current > 0 { hear(current / 0.1) }
      return observations
    }
  }

  func makeSafe() async -> SafeReport { await inner.makeSafe() }
}

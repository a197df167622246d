import SaltireAnalysis
import SaltireBenches
import SaltireCore
import SaltireDevices
import SaltireExperiments
import SaltirePrograms
import SaltireRecords
import TestRigs
import Testing

/// The watch over A's symmetry points in `protocols/shd.yaml`: its results for stable and for
/// drifting devices, and its cost.
@Suite struct SymmetryWatchTests {
  private static let watch = [
    "watch.every=500", "watch.pairs=200", "watch.tolerance=0.1", "watch.policy=warn",
  ]

  /// One run with a device that drifts by `drift` weight units.
  private static func run(
    _ device: String = "A1", drift: Double, seed: UInt64, recovery: Double = .infinity,
    _ settings: [String]
  ) async throws -> (
    bench: DriftingBench, result: RunResult, outcome: TrainingOutcome, warnings: [String]
  ) {
    let file = try Shipped.bench("model", settings)
    let bench = try DriftingBench(device, drift: drift, seed: seed, recovery: recovery, settings)
    var warnings: [String] = []
    let result = await Runner.run(
      try Shipped.experiment("shd", for: file, settings),
      on: LimitedBench(bench, limits: file.limits), seed: seed,
      watch: { event in
        bench.hear(event)
        if case .warning(let message) = event { warnings.append(message) }
      })
    let outcome = try #require(
      JSONText.decode(TrainingOutcome.self, from: try result.conclusion.get().json))
    return (bench, result, outcome, warnings)
  }

  /// Checks of both devices with what there really was to see.
  private static func checks(
    drift: Double, seeds: ClosedRange<UInt64>, _ settings: [String]
  ) async throws -> [[(device: String, check: WatchOutcome.Check, truth: Double)]] {
    try await each(seeds) { seed in
      let run = try await run(drift: drift, seed: seed, settings)
      let watch = try #require(run.outcome.watch)
      let scales = run.outcome.devices.values.compactMap(\.weightScale)
      return ["A1", "A2"].flatMap { device in
        let point = device == "A1" ? run.bench.driftedPoint : run.bench.symmetryPoint(device)
        let reference = run.outcome.devices[device]?.symmetryPoint?.value ?? .nan
        return (watch.checks[device] ?? []).map {
          (device, $0, (point - reference) / mean(scales))
        }
      }
    }
  }

  /// What watches made of symmetry points that stay (A2, and A1 at a drift of
  /// 0) and of such that move by two to three tolerances, at 4 checks a run,
  /// each over 16 seeds.
  private static let drifts = [0, 0.2, -0.25, 0.3]

  /// A drift of two tolerances and more is found in all runs, by at least 80 %
  /// of the single checks; what stays raises no alarm in 320 checks, and is
  /// said to be within in at least 90 % of them. Intervals of 95 % hold the
  /// drift in at least 88 % of the checks, and in 80 % at each drift: at three
  /// tolerances the swords of before do not describe the device so well.
  @Test func driftsAreFoundAndMeasured() async throws {
    var all = 0
    var covered = 0
    var quiet: [WatchOutcome.Check] = []
    for drift in Self.drifts {
      let runs = try await Self.checks(
        drift: drift, seeds: 1...16, Self.watch + ["samples=2000"])
      let checks = runs.flatMap(\.self)
      #expect(runs.allSatisfy { $0.count == 8 })
      let held = checks.filter {
        abs($0.check.drift - $0.truth) <= WatchOutcome.Check.reach($0.check.standardError)
      }.count
      #expect(held >= 103, "\(held) of 128 at a drift of \(drift)")
      (all, covered) = (all + checks.count, covered + held)
      quiet += checks.filter { $0.device == "A2" || drift == 0 }.map(\.check)
      let found = checks.filter { $0.device == "A1" && $0.check.finding == .beyond }
      if drift != 0 {
        #expect(found.count >= 51, "\(found.count) of 64 at a drift of \(drift)")
        #expect(found.allSatisfy { $0.check.drift * drift > 0 })
        #expect(
          runs.allSatisfy { $0.contains { $0.device == "A1" && $0.check.finding == .beyond } })
      }
      Figures.note("drift \(drift): held \(held)/128, beyond \(found.count)/64")
    }
    let alarms = quiet.filter { $0.finding == .beyond }.count
    let within = quiet.filter { $0.finding == .within }.count
    #expect(alarms == 0)
    #expect(within * 10 >= quiet.count * 9, "\(within) of \(quiet.count)")
    #expect(covered * 100 >= all * 88, "\(covered) of \(all)")
    Figures.note("watch: held \(covered)/\(all), within \(within)/\(quiet.count)")
  }

  /// 20 pairs tell a symmetry point to 0.15 weight units (95 %). That is never
  /// called within a tolerance of 0.1, and raises an alarm in 3 % of 64 checks
  /// at most; it covers in 87 % at least.
  @Test func tooFewPairsAreNotKnown() async throws {
    let runs = try await Self.checks(
      drift: 0, seeds: 1...8, Self.watch + ["samples=2000", "watch.pairs=20"])
    let findings = runs.flatMap { $0.map(\.check.finding) }
    #expect(findings.count == 64)
    #expect(!findings.contains(.within))
    #expect(findings.count { $0 == .beyond } <= 2)
    let held = runs.flatMap(\.self).count {
      abs($0.check.drift - $0.truth) <= WatchOutcome.Check.reach($0.check.standardError)
    }
    #expect(held >= 56, "\(held)")
  }

  /// Devices that stay are trained as well with a watch as without: over 16
  /// seeds the final error grows by no more than 0.002 weight units and the
  /// radius by no more than 0.02 of the optimum's distance. (It shrinks: what a
  /// check takes from A is damping.)
  @Test func aWatchCostsNoAccuracy() async throws {
    func measure(_ settings: [String]) async throws -> (error: Double, radius: Double) {
      let runs = try await each(1...16) { seed in
        try await LabRun("shd", seed: seed, settings).outcome(as: TrainingOutcome.self)
      }
      return (
        mean(runs.flatMap { zip($0.cMean ?? [], $0.target ?? []).map { abs($0 - $1) } }),
        mean(runs.flatMap { $0.radiusRatio ?? [] }.compactMap(\.self))
      )
    }
    let off = try await measure([])
    let on = try await measure(Self.watch)
    #expect(on.error <= off.error + 0.002)
    #expect(on.error <= 0.01)
    #expect(on.radius <= off.radius + 0.02)
    Figures.note("watch off \(off), on \(on)")
  }

  /// It goes on to the end, says so once a check, and its result serves.
  @Test func warningLetsTrainingGoOn() async throws {
    let run = try await Self.run(drift: 0.3, seed: 1, Self.watch + ["samples=1000"])
    #expect(run.outcome.samples == 1000)
    #expect(run.outcome.verdict == nil && run.outcome.watch?.stop == nil)
    #expect(run.warnings.count == 2)
    #expect(run.warnings.first?.hasPrefix("A1: after sample 500 its symmetry point is 0.") == true)
    #expect(run.warnings.last?.hasSuffix("beyond watch.tolerance 0.1") == true)
  }

  /// Training ends with the first check that finds a drift, with a verdict and
  /// with all that it has until then; a device that stays is trained to its end.
  @Test func stoppingEndsTraining() async throws {
    let settings = Self.watch + ["samples=1000", "watch.policy=stop"]
    let run = try await Self.run("A2", drift: -0.3, seed: 1, settings)
    let watch = try #require(run.outcome.watch)
    #expect(run.outcome.samples == 500)
    let stop = try #require(watch.stop)
    #expect(run.outcome.verdict == .symmetryPointsMoved(stop: stop))
    let verdict = try #require(try run.result.conclusion.get().verdict)
    #expect(verdict.hasPrefix("A2: after sample 500 its symmetry point is -0."))
    #expect(stop.beyond["A2"] == watch.checks["A2"]?.last && stop.beyond.count == 1)
    #expect(watch.checks["A1"]?.map(\.finding) == [.within])
    #expect(watch.checks["A2"]?.map(\.finding) == [.beyond])
    #expect(run.outcome.cMean?.count == 2)
    #expect(run.result.safe.isSafe)
    let still = try await Self.run(drift: 0, seed: 1, settings)
    #expect(still.outcome.samples == 1000 && still.outcome.verdict == nil)
    #expect(still.outcome.watch?.checks["A1"]?.map(\.sample) == [500, 1000])
  }

  /// Rests of 10 minutes that help, and such that do not. Only the device that
  /// drifted is checked again.
  @Test func aPauseGoesOnWhenItHelped() async throws {
    let settings =
      Self.watch + ["samples=1000", "watch.policy=pause", "watch.rest=600 s", "watch.tries=2"]
    func rests(_ bench: DriftingBench) -> Int {
      bench.programs.count { $0.steps == [.rest(600)] }
    }
    let helped = try await Self.run(drift: 0.3, seed: 1, recovery: 600, settings)
    #expect(helped.outcome.samples == 1000 && helped.outcome.verdict == nil)
    #expect(helped.outcome.watch?.checks["A1"]?.map(\.finding) == [.beyond, .within, .within])
    #expect(helped.outcome.watch?.checks["A1"]?.map(\.sample) == [500, 500, 1000])
    #expect(helped.outcome.watch?.checks["A2"]?.count == 2)
    #expect(rests(helped.bench) == 1)
    #expect(helped.warnings.count == 1)
    let inVain = try await Self.run(drift: 0.3, seed: 1, settings)
    #expect(inVain.outcome.samples == 500)
    #expect(inVain.outcome.watch?.checks["A1"]?.map(\.finding) == [.beyond, .beyond, .beyond])
    #expect(
      inVain.outcome.verdict?.text.hasSuffix("not back within after 2 rests of 600 s") == true)
    #expect(rests(inVain.bench) == 2)
  }

  /// Until its first check a watch asks for nothing, and what it asks for then
  /// is what it declares.
  @Test func aWatchIsNoMoreThanItsChecks() async throws {
    let plain = try await Self.run(drift: 0, seed: 3, ["samples=500"])
    let watched = try await Self.run(drift: 0, seed: 3, Self.watch + ["samples=500"])
    let before = plain.bench.programs
    #expect(plain.outcome.watch == nil)
    #expect(Array(watched.bench.programs.prefix(before.count)) == before)
    let checks = watched.bench.programs.dropFirst(before.count)
    let watch = try #require(watched.outcome.watch)
    #expect(checks.reduce(0) { $0 + $1.extent.pulses } == 2 * 2 * 200)
    #expect(watch.pulses == 2 * 2 * 200)
    let duration = checks.reduce(0) { $0 + $1.extent.duration }
    #expect(abs(watch.duration / duration - 1) < 1e-9)
    #expect(abs(watched.result.duration - plain.result.duration - duration) < 1e-6)
    // All else is as it was.
    #expect(watched.outcome.cMean == plain.outcome.cMean)
  }
}

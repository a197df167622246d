import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltirePrograms
import SaltireSimulation
import TestRigs
import Testing

@Suite struct RunnerTests {
  private static func run(
    _ protocolName: String = "crossed-swords", on probe: ProbeBench, _ settings: [String] = []
  ) async throws -> RunResult {
    let file = try Shipped.bench("model", settings)
    return await Runner.run(
      try Shipped.experiment(protocolName, for: file, settings),
      on: LimitedBench(probe, limits: file.limits), seed: 1)
  }

  /// The task is cancelled while the 100th program is performed: that one
  /// ends, no other begins, and the bench is made safe all the same.
  @Test(arguments: ["crossed-swords", "shd", "sgd-one-parameter"])
  func aCancelledRunStopsAndIsMadeSafe(protocolName: String) async throws {
    let probe = ProbeBench(try ModelBench()) { n, _ in
      if n == 99 { withUnsafeCurrentTask { $0?.cancel() } }
    }
    let result = try await Task { try await Self.run(protocolName, on: probe) }.value
    guard case .failure(.cancelled) = result.conclusion else {
      Issue.record("\(result.conclusion)")
      return
    }
    #expect(probe.programs.count == 100)
    #expect(probe.safeties == 1)
    #expect(result.safe.isSafe)
  }

  @Test func everyRunEndsSafe() async throws {
    let done = ProbeBench(try ModelBench())
    let result = try await Self.run(on: done, ["swords.cycles=1", "measure=A1"])
    #expect(try result.conclusion.get().verdict == nil)
    #expect(done.safeties == 1)
    let stopped = ProbeBench(try ModelBench())
    guard
      case .failure(.limit) = try await Self.run(
        on: stopped, ["limits.conductance.max=3 uS"]
      ).conclusion
    else {
      Issue.record("the window stopped nothing")
      return
    }
    #expect(stopped.safeties == 1)
  }

  /// An output that goes off in mid-run, or a limit that moves, is what ends the run: not the
  /// device, whatever the experiment would have said of it. The session gets no outcome.
  @Test(arguments: [
    ("simulated-2400", "gate", LabFault.Kind.off), ("simulated-2400", "drain", .limit),
    ("simulated-one-device", "smu1", .off), ("simulated-2450", "gate", .off),
    ("simulated-b2902a", "smu", .limit), ("simulated", "gen1", .off),
  ])
  func anInstrumentThatChangedIsNoOutcome(
    bench: String, instrument: String, kind: LabFault.Kind
  ) async throws {
    let settings = ["measure=A1", "swords.cycles=1", "swords.pulses=200"]
    func run(_ faults: [LabFault]) async throws -> (result: RunResult, messages: Range<Int>) {
      let rig = try await LiveRig.armed(bench, settings, faults: faults)
      let armed = rig.sent(to: instrument).count
      let result = await Runner.run(
        try Shipped.experiment("crossed-swords", for: rig.file, settings), on: rig.live, seed: 1)
      return (result, armed..<rig.sent(to: instrument).count)
    }
    let (good, messages) = try await run([])
    #expect(!good.isDoubtful)
    let middle = (messages.lowerBound + messages.upperBound) / 2
    let (bad, _) = try await run([LabFault(instrument: instrument, kind: kind, after: middle)])
    #expect(bad.isDoubtful && bad.safe.isSafe, "\(bad.conclusion)")
  }

  /// Outputs that are not confirmed off are tried again for as long as it takes, and
  /// whoever watches is told once.
  @Test(arguments: [(1e6, true), (0, false)])
  func makingSafeIsTriedAgain(persistence: Double, isConfirmed: Bool) async throws {
    let probe = ProbeBench(try ModelBench(), unconfirmed: 3)
    let file = try Shipped.bench("model", ["swords.cycles=1", "measure=A1"])
    var warnings: [String] = []
    let result = await Runner.run(
      try Shipped.experiment("crossed-swords", for: file, ["swords.cycles=1", "measure=A1"]),
      on: probe, seed: 1, persistence: persistence,
      watch: { if case .warning(let text) = $0 { warnings.append(text) } })
    #expect(result.safe.isSafe == isConfirmed)
    #expect(probe.safeties == (isConfirmed ? 4 : 1))
    #expect(warnings.count == (isConfirmed ? 1 : 0))
    #expect(warnings.allSatisfy { $0.hasPrefix("outputs are NOT CONFIRMED SAFE: ") })
  }

  /// Pulses and time are those that were sent: a program that is refused adds
  /// nothing to either.
  @Test func aRefusedProgramIsNotCountedAsSent() async throws {
    let probe = ProbeBench(try ModelBench())
    let file = try Shipped.bench("model", ["limits.session.pulses=8000"])
    // The swords of one device fit in, zero-shifting it does not.
    let result = await Runner.run(
      try Shipped.experiment("zero-shift", for: file, ["measure=A1"]),
      on: LimitedBench(probe, limits: file.limits), seed: 1)
    guard case .failure(.limit(let violation)) = result.conclusion else {
      Issue.record("\(result.conclusion)")
      return
    }
    #expect(violation.kind == .pulses)
    let sent = probe.programs.reduce(into: Extent()) { $0.add($1.extent) }
    #expect(sent.pulses > 7000)
    #expect(result.pulses == sent.pulses)
    #expect(result.duration == sent.duration)
  }

  /// What stopped the run only afterwards did happen.
  @Test func aProgramThatBrokeTheWindowIsCountedAsSent() async throws {
    let probe = ProbeBench(try ModelBench())
    let result = try await Self.run(on: probe, ["limits.conductance.max=3 uS"])
    guard case .failure(.limit(let violation)) = result.conclusion else {
      Issue.record("\(result.conclusion)")
      return
    }
    #expect(violation.kind == .conductance)
    #expect(result.pulses == probe.programs.reduce(0) { $0 + $1.extent.pulses })
  }

  @Test func phasesAndTimesAreTold() async throws {
    let file = try Shipped.bench()
    let settings = ["swords.cycles=1", "measure=[A1, C1]"]
    var phases: [String] = []
    var times: [Double] = []
    let result = await Runner.run(
      try Shipped.experiment("crossed-swords", for: file, settings), on: try ModelBench(), seed: 1,
      watch: { event in
        switch event {
        case .phase(let name): phases.append(name)
        case .warning(let message): Issue.record("\(message)")
        case .time(let time): times.append(time)
        }
      })
    #expect(phases == ["crossed swords A1", "crossed swords C1"])
    #expect(times == times.sorted())
    #expect(abs((times.last ?? 0) / result.duration - 1) < 1e-9)
  }
}

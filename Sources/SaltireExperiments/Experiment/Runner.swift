import SaltireCore
public import SaltirePrograms
public import SaltireRecords

/// How a run went, before anyone decides what to call it.
public struct RunResult: Sendable {
  /// What the experiment found, or why it could not.
  public var conclusion: Result<Conclusion, BenchError>
  /// What became of the terminals afterwards.
  public var safe: SafeReport
  /// Lab seconds.
  public var duration: Double
  /// Gate pulses sent.
  public var pulses: Int
  /// Seconds that it took.
  public var wall: Double
}

/// What a run tells while it goes on.
public enum RunEvent: Sendable, Equatable {
  /// A new part of the experiment.
  case phase(String)
  /// What the user should know while it goes on.
  case warning(String)
  /// Lab seconds so far.
  case time(Double)
}

/// Runs an experiment on a bench, keeps its notes, and always makes the bench
/// safe afterwards, whatever happened and also when it was cancelled.
public enum Runner {
  /// Runs `experiment` to its end, or until it is asked to stop.
  ///
  /// - Parameters:
  ///   - experiment: what to run.
  ///   - bench: what to run it on.
  ///   - seed: of the experiment's random stream.
  ///   - session: where notes go; nil to keep none.
  ///   - recorded: the run that is performed again; nil for a new one.
  ///   - persistence: seconds for which outputs that are not confirmed off are tried again.
  ///   - isStopping: whether it is to end after the program under way.
  ///   - watch: hears what goes on.
  public static func run(
    _ experiment: PreparedExperiment, on bench: any Bench, seed: UInt64, session: Session? = nil,
    recorded: RecordedBeginning? = nil, persistence: Double = 0,
    isStopping: @escaping () -> Bool = { false },
    watch: @escaping (RunEvent) -> Void = { _ in }
  ) async -> RunResult {
    let begin = HostTime.monotonic
    let meter = EstimatingBench(bench)
    let surroundings = LabSurroundings(
      random: RandomStream(seed: seed, name: "experiment"), recorded: recorded?.notebook,
      record: { (note) throws(SessionError) in
        if case .phase(let name) = note { watch(.phase(name)) }
        try session?.add(note)
      },
      watch: { watch(.time($0)) }, warn: { watch(.warning($0)) }, isStopping: isStopping)
    let conclusion: Result<Conclusion, BenchError>
    do throws(BenchError) {
      conclusion = .success(
        try await experiment.run(
          on: meter, surroundings, isPreflighted: recorded?.isPreflighted ?? true))
    } catch {
      conclusion = .failure(error)
    }
    let safe = await makeSafe(bench, for: persistence) { watch(.warning($0)) }
    return RunResult(
      conclusion: conclusion, safe: safe, duration: meter.extent.duration,
      pulses: meter.extent.pulses, wall: HostTime.monotonic - begin)
  }

  /// Makes a bench safe, again and again until that is confirmed: a network that is away
  /// comes back.
  private static func makeSafe(
    _ bench: any Bench, for persistence: Double, tell: (String) -> Void
  ) async -> SafeReport {
    let end = HostTime.monotonic + persistence
    let soon = HostTime.monotonic + definite
    var isTold = false
    while true {
      // Not a child task: cancelling the run does not cancel its safety.
      let report = await Task { await bench.makeSafe() }.value
      let left = (report.isRefused ? min(end, soon) : end) - HostTime.monotonic
      if report.isSafe || left <= 0 { return report }
      if !isTold {
        tell(
          "outputs are NOT CONFIRMED SAFE: \(report.open); trying again for"
            + " \(Quantity(left.rounded(.up), .second)), or switch them off by hand now")
      }
      isTold = true
      await Task { await HostTime.pause(pause) }.value
    }
  }

  /// Seconds between two tries.
  private static let pause = 0.25
  /// Seconds for which what answers and is not safe is tried again.
  private static let definite = 10.0
}

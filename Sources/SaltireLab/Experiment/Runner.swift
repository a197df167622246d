internal import SaltireCore

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
  /// Lab seconds so far.
  case time(Double)
}

/// Runs an experiment on a bench, keeps its notes, and always makes the bench
/// safe afterwards, whatever happened and also when it was cancelled.
public enum Runner {
  /// Runs `experiment` to its end, or until the task is cancelled.
  ///
  /// - Parameters:
  ///   - experiment: what to run.
  ///   - bench: what to run it on.
  ///   - seed: of the experiment's random stream.
  ///   - session: where notes go; nil to keep none.
  ///   - prepare: what must succeed first, such as arming a bench of
  ///     instruments.
  ///   - watch: hears what goes on.
  public static func run(
    _ experiment: PreparedExperiment, on bench: any Bench, seed: UInt64, session: Session? = nil,
    prepare: () async throws(BenchError) -> Void = {},
    watch: @escaping (RunEvent) -> Void = { _ in }
  ) async -> RunResult {
    let begin = HostTime.monotonic
    let meter = EstimatingBench(bench)
    let conclusion: Result<Conclusion, BenchError>
    do throws(BenchError) {
      try await prepare()
      conclusion = .success(
        try await experiment.body(
          meter, RandomStream(seed: seed, name: "experiment"),
          { (note) throws(SessionError) in
            if case .phase(let name) = note { watch(.phase(name)) }
            try session?.add(note)
          },
          { watch(.time($0)) }))
    } catch {
      conclusion = .failure(error)
    }
    // Not a child task: cancelling the run does not cancel its safety.
    let safe = await Task { await bench.makeSafe() }.value
    return RunResult(
      conclusion: conclusion, safe: safe, duration: meter.extent.duration,
      pulses: meter.extent.pulses, wall: HostTime.monotonic - begin)
  }
}

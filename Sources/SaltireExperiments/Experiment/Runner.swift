import SaltireCore
public import SaltirePrograms
public import SaltireRecords

/// The result of a run, before it is judged.
public struct RunResult: Sendable {
  /// The conclusion of the experiment, or why it failed.
  public var conclusion: Result<Conclusion, BenchError>
  /// The state of the terminals after the safe sequence.
  public var safe: SafeReport
  /// Lab seconds.
  public var duration: Double
  /// Gate pulses sent.
  public var pulses: Int
  /// Wall-clock time of the run, in seconds.
  public var wall: Double

  /// Whether its last readings may be wrong.
  public var isDoubtful: Bool {
    if case .failure(.failed(let failure)) = conclusion { failure.castsDoubt } else { false }
  }
}

/// An event during a run.
public enum RunEvent: Sendable, Equatable {
  /// A new phase of the experiment.
  case phase(String)
  /// A message that the user should see.
  case warning(String)
  /// Lab time so far, in seconds.
  case time(Double)
}

/// Runs an experiment on a bench and records its notes. Makes the bench safe afterwards in every
/// case, including cancellation.
public enum Runner {
  /// Runs `experiment` until it ends or is asked to stop.
  ///
  /// - Parameters:
  ///   - experiment: the experiment to run.
  ///   - bench: the bench to run it on.
  ///   - seed: the seed of the experiment's random stream.
  ///   - session: records the notes; nil to record none.
  ///   - recorded: the recorded run to perform again; nil for a new run.
  ///   - persistence: seconds during which the safe sequence is retried for outputs that are not
  ///     confirmed off.
  ///   - isStopping: whether the run must end after the current program.
  ///   - watch: called with events.
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
      let end = try await experiment.run(
        on: meter, surroundings, isPreflighted: recorded?.isPreflighted ?? true)
      // An outcome counts only if the instruments did what they were told to the end.
      try await bench.verify()
      conclusion = .success(end)
    } catch {
      conclusion = .failure(await cause(of: error, on: bench))
    }
    let safe = await makeSafe(bench, for: persistence) { watch(.warning($0)) }
    return RunResult(
      conclusion: conclusion, safe: safe, duration: meter.extent.duration,
      pulses: meter.extent.pulses, wall: HostTime.monotonic - begin)
  }

  /// A reading beyond a limit may be the fault of an instrument that is not set as it was told.
  private static func cause(of error: BenchError, on bench: some Bench) async -> BenchError {
    guard case .limit(let violation) = error, violation.kind.isMeasured else { return error }
    do throws(BenchError) {
      try await bench.verify()
      return error
    } catch {
      if case .failed(let failure) = error, failure.castsDoubt { return error }
      return .limit(violation)
    }
  }

  /// Makes a bench safe, and retries until that is confirmed: a lost network may come back.
  private static func makeSafe(
    _ bench: any Bench, for persistence: Double, tell: (String) -> Void
  ) async -> SafeReport {
    let end = HostTime.monotonic + persistence
    let soon = HostTime.monotonic + definite
    var isTold = false
    while true {
      // Not a child task, because cancelling the run must not cancel its safe sequence.
      let report = await Task { await bench.makeSafe() }.value
      let left = (report.isRefused ? min(end, soon) : end) - HostTime.monotonic
      if report.isSafe || left <= 0 { return report }
      if !isTold {
        tell(
          "outputs are NOT CONFIRMED SAFE: \(report.open); retrying for"
            + " \(Quantity(left.rounded(.up), .second)), or switch them off by hand now")
      }
      isTold = true
      await Task { await HostTime.pause(pause) }.value
    }
  }

  /// Seconds between two attempts.
  private static let pause = 0.25
  /// Seconds during which an instrument that responds, but is not safe, is retried.
  private static let definite = 10.0
}

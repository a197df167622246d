public import SaltirePrograms
public import SaltireRecords

/// An experiment with its parameters, ready for a bench.
public struct PreparedExperiment: Sendable {
  public let name: String
  /// The extremes it will ask for.
  public let demands: [Demand]
  /// What it allows when it is resumed.
  public let resume: ResumePolicy
  /// Reads of every device that it uses, which come before everything else: whatever is
  /// wrong with one shows before it is pulsed.
  let preflight: Program
  let body: @Sendable (any Bench, LabSurroundings) async throws(BenchError) -> Conclusion

  /// What a session says of a run of this experiment that is performed again.
  ///
  /// - Throws: `SessionError`.
  public func beginning(in session: Session) throws(SessionError) -> RecordedBeginning {
    RecordedBeginning(
      notebook: try session.notebook(),
      isPreflighted: try session.step(0).map { $0.program == preflight } ?? true)
  }

  /// Runs it to its end.
  ///
  /// - Throws: `BenchError`.
  func run(
    on bench: any Bench, _ surroundings: LabSurroundings, isPreflighted: Bool
  ) async throws(BenchError) -> Conclusion {
    func look(_ bench: some Bench) async throws(BenchError) {
      var lab = Lab(bench, surroundings)
      _ = try await lab.perform(preflight)
    }
    if isPreflighted, !preflight.steps.isEmpty { try await look(bench) }
    return try await body(bench, surroundings)
  }
}

/// How a recorded run began and what it found, for performing it again.
public struct RecordedBeginning: Sendable {
  let notebook: Notebook
  /// Runs that were recorded before there was a pre-flight begin without.
  let isPreflighted: Bool
}

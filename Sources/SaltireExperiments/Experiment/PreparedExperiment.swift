public import SaltirePrograms
public import SaltireRecords

/// An experiment with its parameters, ready for a bench.
public struct PreparedExperiment: Sendable {
  public let name: String
  /// The extreme values that it will request.
  public let demands: [Demand]
  /// Whether the devices are there.
  public let isOnDevices: Bool
  /// What it tolerates when it is resumed.
  public let resume: ResumePolicy
  /// Reads of every device that it uses, performed first: they reveal faulty devices before any
  /// pulse.
  let preflight: Program
  let body: @Sendable (any Bench, LabSurroundings) async throws(BenchError) -> Conclusion

  /// The limits of a bench that apply to it: what devices conduct is not limited where resistors
  /// are in their place.
  public func limits(of bench: Limits) -> Limits {
    isOnDevices ? bench : bench.withoutConductances
  }

  /// What a session records about the beginning of a run, needed to perform it again.
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

/// The beginning and the findings of a recorded run, needed to perform it again.
public struct RecordedBeginning: Sendable {
  let notebook: Notebook
  /// Early versions recorded runs without pre-flight reads; these replay without them.
  let isPreflighted: Bool
}

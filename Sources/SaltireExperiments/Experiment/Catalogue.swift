public import SaltireCore
import SaltireFigures
public import SaltirePrograms
import SaltireRecords
import SaltireTraining

/// All experiments, by the names in protocol files and sessions.
public struct Catalogue: Sendable {
  private let types: [any Experiment.Type]
  /// Kinds of sessions without a bench.
  private let others: [any RecordedExperiment.Type]

  public init(_ types: [any Experiment.Type], others: [any RecordedExperiment.Type] = []) {
    self.types = types
    self.others = others
  }

  /// Every experiment of this program.
  public static let standard = Catalogue(
    [
      CrossedSwordsExperiment.self, ZeroShiftExperiment.self, HamiltonianDescent.self,
      GradientDescent.self, OneParameterHamiltonianDescent.self,
      OneParameterGradientDescent.self, CommissioningExperiment.self,
    ], others: [TextNetwork.self])

  /// The names of experiments that run on a bench, sorted.
  public var names: [String] { types.map { $0.name }.sorted() }

  /// The keys of an experiment's protocol, in the reference's order; nil for a name that
  /// there is not.
  public func keys(of experiment: String) -> [any DeclaredKey]? {
    func keys<E: Experiment>(_ type: E.Type) -> [any DeclaredKey] {
      [ProtocolKeys.experiment] + E.Parameters.keys + [ResumePolicy.Keys.resume]
    }
    return types.first { $0.name == experiment }.map { keys($0) }
  }

  // MARK: Records

  /// The summary of a session's outcome.
  public struct Telling: Sendable {
    /// The results, one text line each.
    public var summary: [String] = []
    /// Why the acceptance criteria failed; nil if they did not.
    public var verdict: String?
  }

  /// The summary of an outcome; empty if this version does not know the experiment or cannot read
  /// the outcome.
  ///
  /// - Parameters:
  ///   - json: the outcome as stored in a session.
  ///   - experiment: the name of the experiment.
  public func telling(of json: String?, from experiment: String) -> Telling {
    guard let json, let kind = kind(experiment) else { return Telling() }
    func telling<E: RecordedExperiment>(_ kind: E.Type) -> Telling {
      guard let outcome = E.Outcome(json: json) else { return Telling() }
      return Telling(summary: E.summary(of: outcome), verdict: outcome.verdict?.text)
    }
    return telling(kind)
  }

  /// The figures and sections of a session's report; empty if this version does not know the
  /// experiment.
  ///
  /// - Throws: `SessionError`.
  func report(
    of session: Session, with companions: [Session]
  ) throws(SessionError) -> (sections: [HTMLReport.Section], figures: [NamedFigure]) {
    guard let kind = kind(session.manifest.experiment) else { return ([], []) }
    func report<E: RecordedExperiment>(
      _ kind: E.Type
    ) throws(SessionError) -> ([HTMLReport.Section], [NamedFigure]) {
      let run = try RecordedRun<E.Outcome>(session, with: companions)
      return (E.sections(of: run), E.figures(of: run))
    }
    return try report(kind)
  }

  private func kind(_ name: String) -> (any RecordedExperiment.Type)? {
    types.first { $0.name == name } ?? others.first { $0.name == name }
  }

  // MARK: Runs

  /// Reads a protocol file for a bench and checks its demands against the limits of the bench.
  ///
  /// - Throws: `Diagnostics` with every fault: unknown experiment, missing and unknown keys, wrong
  ///   units, devices that the bench does not have, values beyond its limits.
  public func prepare(
    _ document: Document, overrides: Overrides = Overrides(), wiring: Wiring, limits: Limits
  ) throws(Diagnostics) -> PreparedExperiment {
    let reader = Reader(document, overrides: overrides)
    let name = reader[ProtocolKeys.experiment]
    guard let type = types.first(where: { $0.name == name.value }) else {
      let near = suggestion(for: name.value, among: names)
      throw Diagnostics(
        Diagnostic(
          name.value.isEmpty
            ? "the protocol names no experiment" : "unknown experiment '\(name.value)'",
          at: name.location,
          hints: [
            name.value == TextNetwork.name
              ? "it needs no bench: use 'saltire train', or 'saltire check' without --bench"
              : near.map { "did you mean '\($0)'?" }
                ?? "experiments: \(names.joined(separator: ", "))"
          ]))
    }
    return try prepare(type, reader, wiring: wiring, limits: limits)
  }

  private func prepare<E: Experiment>(
    _ type: E.Type, _ reader: Reader, wiring: Wiring, limits: Limits
  ) throws(Diagnostics) -> PreparedExperiment {
    let parameters = E.Parameters(reader, wiring: wiring)
    let resume = ResumePolicy(reader.section(ResumePolicy.Keys.resume))
    for demand in parameters.demands {
      if let diagnostic = limits.diagnostic(demand) { reader.conclude(diagnostic) }
    }
    try reader.finish()
    return PreparedExperiment(
      name: E.name, demands: parameters.demands, isOnDevices: parameters.isOnDevices,
      resume: resume,
      preflight: Program(parameters.preflight)
    ) { bench, surroundings async throws(BenchError) -> Conclusion in
      func run(_ bench: some Bench) async throws(BenchError) -> Conclusion {
        var lab = Lab(bench, surroundings)
        return Conclusion(outcome: try await E().run(parameters, in: &lab))
      }
      return try await run(bench)
    }
  }
}

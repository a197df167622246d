public import SaltireFigures
public import SaltireTraining

/// The training of networks on simulated arrays (`saltire train`), as sessions record it.
public enum TextNetwork: RecordedExperiment {
  public static let name = NetworkProtocol.experiment

  public static func summary(of outcome: NetworkOutcome) -> [String] { outcome.summary }

  public static func sections(of run: RecordedRun<NetworkOutcome>) -> [HTMLReport.Section] {
    run.outcome.map { [.init("Networks", [$0.table])] } ?? []
  }

  public static func figures(of run: RecordedRun<NetworkOutcome>) -> [NamedFigure] {
    NetworkFigures(
      (name: run.name, notes: run.notebook),
      with: run.companions.map { (name: $0.name, notes: $0.notebook) },
      unigram: ([run] + run.companions).compactMap(\.outcome?.unigramCrossEntropy).first
    ).all
  }
}

extension NetworkOutcome: ExperimentOutcome {
  /// Why the training of networks failed.
  public enum Reason: Verdict {
    /// The cross-entropy of the network with this label is no longer finite.
    case diverged(label: String)

    public var text: String {
      switch self {
      case .diverged(let label): "\(label) has diverged"
      }
    }
  }

  public var verdict: Reason? { diverged.map { .diverged(label: $0) } }
}

import SaltireAnalysis
public import SaltireCore
public import SaltireFigures
public import SaltirePrograms

/// Stochastic gradient descent of a single parameter for several optima, replicated: Figure 1 of
/// the paper, with the fixed points that theory predicts.
public struct OneParameterGradientDescent: Experiment {
  public struct Parameters: ProtocolDecodable {
    let descent: GradientDescent.Parameters
    let replicas: Int

    public static let keys = GradientDescent.Parameters.keys + [ReplicaKeys.replicas]

    public init(_ reader: Reader, wiring: Wiring) {
      descent = GradientDescent.Parameters(reader, wiring: wiring, oneParameter: true)
      replicas = reader[ReplicaKeys.replicas].value
    }

    public var demands: [Demand] { descent.demands }

    public var preflight: [Step] { descent.preflight }
  }

  public static let name = "sgd-one-parameter"

  public init() {}

  public func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> TrainingOutcome {
    let descent = parameters.descent
    let interval = descent.training.monitor
    var outcome = try await lab.replicate(
      descent.training, sites: descent.core.sites, replicas: parameters.replicas,
      make: { descent.descent($0, targets: [$1], label: $2) },
      measure: {
        SpiralMetrics(core: $0.core, fast: nil, targets: [$1], aspect: 0, interval: interval)
      })
    if let targets = outcome.target, let device = outcome.devices[descent.core.sites[0].device] {
      // Without a symmetry point there is no restoring drift.
      let asymmetric = device.symmetryPoint != nil
      outcome.predicted = targets.map {
        Prediction.settlingPoint(
          target: $0, noise: descent.training.noise,
          kappa: asymmetric ? device.kappa ?? 0 : 0, phi: asymmetric ? device.phi ?? 0 : 0)
      }
    }
    return outcome
  }

  public static func figures(of run: RecordedRun<TrainingOutcome>) -> [NamedFigure] {
    TrainingFigures.all(of: run) + SettlingFigure.all(of: run.outcome)
  }
}

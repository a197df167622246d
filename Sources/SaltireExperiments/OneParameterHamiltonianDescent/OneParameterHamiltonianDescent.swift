import SaltireAnalysis
public import SaltireCore
import SaltireLearning
public import SaltirePrograms

/// Stochastic Hamiltonian Descent of a single parameter, replicated: Figure 2 of the paper, an
/// ellipse on symmetric devices and a spiral on asymmetric ones.
public struct OneParameterHamiltonianDescent: Experiment {
  public struct Parameters: ProtocolDecodable {
    let descent: HamiltonianDescent.Parameters
    let replicas: Int

    public static let keys = HamiltonianDescent.Parameters.Keys.all + [ReplicaKeys.replicas]

    public init(_ reader: Reader, wiring: Wiring) {
      descent = HamiltonianDescent.Parameters(reader, wiring: wiring, oneParameter: true)
      replicas = reader[ReplicaKeys.replicas].value
    }

    public var demands: [Demand] { descent.demands }

    public var preflight: [Step] { descent.preflight }
  }

  public static let name = "shd-one-parameter"

  public init() {}

  public func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> TrainingOutcome {
    let descent = parameters.descent
    let aspect = descent.constants.aspect
    let interval = descent.training.monitor
    return try await lab.replicate(
      descent.training, sites: descent.fast.sites + descent.core.sites,
      replicas: parameters.replicas,
      make: { descent.descent($0, targets: [$1], label: $2) },
      measure: {
        SpiralMetrics(
          core: $0.core, fast: $0.fast, targets: [$1], aspect: aspect, interval: interval)
      })
  }
}

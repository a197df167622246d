import SaltireAnalysis
public import SaltireCore
import SaltireLearning
public import SaltirePrograms
import SaltireRecords

/// Stochastic Hamiltonian Descent of a single parameter, replicated: the
/// paper's Figure 2, an ellipse on symmetric devices and a spiral on
/// asymmetric ones.
public struct OneParameterHamiltonianDescent: Experiment {
  public struct Parameters: ProtocolDecodable {
    let descent: HamiltonianDescent.Parameters
    let replicas: Int

    public init(_ reader: Reader, wiring: Wiring) {
      descent = HamiltonianDescent.Parameters(reader, wiring: wiring, oneParameter: true)
      replicas = reader.count("replicas", in: 1...1_000_000).value
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

/// Stochastic gradient descent of a single parameter for several optima,
/// replicated: the paper's Figure 1, with where theory puts the end.
public struct OneParameterGradientDescent: Experiment {
  public struct Parameters: ProtocolDecodable {
    let descent: GradientDescent.Parameters
    let replicas: Int

    public init(_ reader: Reader, wiring: Wiring) {
      descent = GradientDescent.Parameters(reader, wiring: wiring, oneParameter: true)
      replicas = reader.count("replicas", in: 1...1_000_000).value
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
      // Without a symmetry point there is nothing that pulls.
      let asymmetric = device.symmetryPoint != nil
      outcome.predicted = targets.map {
        Prediction.settlingPoint(
          target: $0, noise: descent.training.noise,
          kappa: asymmetric ? device.kappa ?? 0 : 0, phi: asymmetric ? device.phi ?? 0 : 0)
      }
    }
    return outcome
  }
}

extension Reader {
  /// Reports an array of a one-parameter run with more or fewer devices.
  func expectOneDevice(_ array: ArraySettings) {
    guard array.sites.count != 1 else { return }
    conclude(Diagnostic("a one-parameter run trains one device an array", at: location))
  }
}

extension Lab {
  /// Trains one parameter for every target, `replicas` times each, every run
  /// from the references, and averages.
  fileprivate mutating func replicate(
    _ training: TrainingSettings, sites: [Wiring.Site], replicas: Int,
    make: (PreparedDevices, Double, String?) -> Descent,
    measure: (Descent.Traces, Double) -> SpiralMetrics
  ) async throws(BenchError) -> TrainingOutcome {
    let prepared = try await prepare(sites, training)
    var outcome = TrainingOutcome(devices: prepared.outcomes)
    guard prepared.isReady(sites) else { return outcome }
    var means: [SpiralMetrics] = []
    var errors: [Double] = []
    var reach: [Reach] = []
    for target in training.targets {
      try note(.phase("training to \(target), \(replicas) times"))
      var runs: [SpiralMetrics] = []
      for replica in 0..<replicas {
        let descent = make(prepared, target, replica == 0 ? " \(target)" : nil)
        if replica == 0 { reach += prepared.reach(of: descent) }
        for array in [descent.fast, descent.core].compactMap(\.self) {
          try await bring(
            array.sites[0], to: array.references[0], step: array.step * descent.scale,
            training.pulses)
        }
        runs.append(measure(try await descent.run(in: &self), target))
      }
      let mean = SpiralMetrics(meanOf: runs)
      let spread = runs.reduce(0) {
        $0 + ($1.cMean[0] - mean.cMean[0]) * ($1.cMean[0] - mean.cMean[0])
      }
      let count = Double(runs.count)
      errors.append(count > 1 ? (spread / (count - 1) / count).squareRoot() : 0)
      means.append(mean)
    }
    outcome.add(
      SpiralMetrics(joining: means), targets: training.targets, training: training, sites: sites,
      samples: training.samples)
    outcome.judge(reach)
    outcome.replicas = replicas
    outcome.cMeanError = errors
    return outcome
  }
}

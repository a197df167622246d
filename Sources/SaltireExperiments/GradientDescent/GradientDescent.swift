import SaltireAnalysis
public import SaltireCore
import SaltireLearning
public import SaltirePrograms
import SaltireRecords

/// Stochastic gradient descent (SGD) on the same devices: the baseline, which settles between the
/// symmetry point and the optimum.
public struct GradientDescent: Experiment {
  public struct Parameters: ProtocolDecodable {
    let training: TrainingSettings
    let core: ArraySettings

    public static let keys = TrainingSettings.Keys.all + [ArraySettings.Keys.core]

    public init(_ reader: Reader, wiring: Wiring) {
      self.init(reader, wiring: wiring, oneParameter: false)
    }

    /// A one-parameter run accepts any number of targets.
    init(_ reader: Reader, wiring: Wiring, oneParameter: Bool) {
      training = TrainingSettings(reader)
      core = ArraySettings(reader, ArraySettings.Keys.core, wiring: wiring)
      if oneParameter {
        reader.expectOneDevice(core)
      } else {
        training.expectTargets(for: core.sites, reader)
      }
    }

    public var demands: [Demand] { training.demands(on: core.sites) }

    public var preflight: [Step] { training.pulses.preflight(core.sites) }

    /// The training on prepared devices, each with its own reference.
    func descent(
      _ prepared: PreparedDevices, targets: [Double], label: String?
    ) -> Descent {
      let scale = prepared.scale(of: core.sites)
      return Descent(
        training: training, targets: targets, scale: scale, fast: nil,
        core: prepared.array(core, references: core.sites, scale: scale),
        schedule: TransferSchedule(period: 1, inputs: core.sites.count), label: label)
    }
  }

  public static let name = "sgd"

  public init() {}

  public func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> TrainingOutcome {
    let prepared = try await lab.prepare(parameters.core.sites, parameters.training)
    var outcome = TrainingOutcome(devices: prepared.outcomes)
    guard prepared.isReady(parameters.core.sites) else { return outcome }
    try lab.note(.phase("training"))
    let targets = parameters.training.targets
    let descent = parameters.descent(prepared, targets: targets, label: "")
    let traces = try await descent.run(in: &lab)
    let metrics = SpiralMetrics(
      core: traces.core, fast: nil, targets: targets, aspect: 0,
      interval: parameters.training.monitor)
    outcome.add(
      metrics, targets: targets, training: parameters.training, sites: parameters.core.sites,
      samples: traces.samples)
    outcome.judge(prepared.reach(of: descent))
    return outcome
  }
}

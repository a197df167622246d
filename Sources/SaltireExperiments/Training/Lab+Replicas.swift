import SaltireAnalysis
import SaltireCore
import SaltirePrograms
import SaltireRecords

/// What protocols of one parameter have besides.
enum ReplicaKeys {
  static let replicas = Key.count("replicas", in: 1...1_000_000, "Runs per target, averaged.")
}

extension Reader {
  /// Reports an error if an array of a one-parameter run does not have exactly one device.
  func expectOneDevice(_ array: ArraySettings) {
    guard array.sites.count != 1 else { return }
    conclude(Diagnostic("a one-parameter run trains one device in each array", at: location))
  }
}

extension Lab {
  /// Trains one parameter for every target, `replicas` times each, always starting at the
  /// references, and averages the results.
  mutating func replicate(
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
        let descent = make(prepared, target, replica == 0 ? "\(target)" : nil)
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

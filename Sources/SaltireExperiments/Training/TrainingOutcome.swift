import SaltireAnalysis
import SaltirePrograms

/// The outcome of a training run. If a device has no symmetry point, training does not start, and
/// only the devices and the verdict are set.
public struct TrainingOutcome: ExperimentOutcome, Equatable {
  public var devices: [String: DeviceOutcome]
  public var verdict: TrainingVerdict?
  /// In parameter order (one-parameter runs: in the order of their targets,
  /// means over replicas), weight units.
  public var target: [Double]?
  public var cMean: [Double]?
  public var cRms: [Double]?
  public var aMean: [Double]?
  public var aRms: [Double]?
  /// Null for a target of 0.
  public var radiusRatio: [Double?]?
  /// Revolutions until the radius first falls below a quarter; null if it never does.
  public var turns: [Double?]?
  public var turnsTotal: [Double]?
  public var clockwise: [Bool]?
  /// The fraction of the path that advances around the optimum without turning back.
  public var monotone: [Double]?
  public var samples: Int?
  /// The results of the watch over the symmetry points of A.
  public var watch: WatchOutcome?
  /// How updates are applied to the devices.
  public var update: String?
  public var reference: String?
  /// One-parameter runs: the number of runs per mean, and its standard error.
  public var replicas: Int?
  public var cMeanError: [Double]?
  /// One-parameter SGD: the value of C that theory predicts from the measured κ and φ.
  public var predicted: [Double]?

  /// Whether every array has one value for each target; false for a session that was tampered with.
  public var isConsistent: Bool {
    let count = target?.count ?? 0
    let lengths = [
      cMean?.count, cRms?.count, aMean?.count, aRms?.count, radiusRatio?.count, turns?.count,
      turnsTotal?.count, clockwise?.count, monotone?.count, cMeanError?.count, predicted?.count,
    ]
    return lengths.allSatisfy { $0 == nil || $0 == count }
  }

  /// The parameters of a Hamiltonian descent whose motion around the optimum has not decayed: the
  /// radius is above half of its initial value.
  public var restless: [Int] {
    guard aRms != nil, let radiusRatio else { return [] }
    return radiusRatio.indices.filter { (radiusRatio[$0] ?? 0) > 0.5 }
  }

  init(devices: [String: DeviceOutcome]) {
    self.devices = devices
    verdict = NamedVerdict(devices).map { .device(name: $0.device, verdict: $0.verdict) }
  }

  /// Adds the results of the training.
  mutating func add(
    _ metrics: SpiralMetrics, targets: [Double], training: TrainingSettings, sites: [Wiring.Site],
    samples: Int
  ) {
    target = targets
    cMean = metrics.cMean
    cRms = metrics.cRms
    aMean = metrics.aMean
    aRms = metrics.aRms
    radiusRatio = metrics.radiusRatio
    turns = metrics.turns
    turnsTotal = metrics.turnsTotal
    clockwise = metrics.clockwise
    monotone = metrics.monotone
    self.samples = samples
    update = sites.contains { $0.row == nil } ? "coincidence" : "half-bias"
    reference = training.reference.rawValue
  }

  /// Sets the verdict if the training failed.
  ///
  /// - Parameter reach: the range of the device of each target.
  mutating func judge(_ reach: [Reach]) {
    guard verdict == nil, let target, let cMean, let radiusRatio else { return }
    for (index, reach) in reach.enumerated() where !reach.weights.contains(target[index]) {
      let (low, high) = (reach.weights.lowerBound, reach.weights.upperBound)
      let end = min(max(cMean[index], low), high)
      guard abs(cMean[index] - end) < abs(cMean[index] - target[index]) else { continue }
      verdict = .outOfReach(device: reach.device, target: target[index], low: low, high: high)
      return
    }
    if let index = restless.first {
      verdict = .restless(parameter: index, radiusRatio: radiusRatio[index] ?? 0)
    }
  }
}

/// The range of weights that a device of C covered in its crossed swords.
struct Reach {
  let device: String
  let weights: ClosedRange<Double>
}

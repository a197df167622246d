public import SaltireAnalysis

/// The measured properties of one device, in SI units.
public struct DeviceOutcome: Codable, Sendable, Equatable {
  /// From zero-shifting if it was performed, otherwise from the crossing of the swords; nil if
  /// `verdict` is set.
  public var symmetryPoint: Estimate?
  public var verdict: DeviceVerdict?
  /// The range of conductance that the pulses covered, in siemens.
  public var range: CrossedSwords.Window?
  /// Siemens per weight unit.
  public var weightScale: Double?
  /// Whether zero-shifting converged, and after how many pairs.
  public var converged: Bool?
  public var pairs: Int?
  /// Where the swords cross, if zero-shifting gave the symmetry point.
  public var crossing: Estimate?
  public var gammaUp: Double?
  public var gammaDown: Double?
  /// Per weight unit.
  public var kappa: Double?
  public var phi: Double?
  public var states: Double?
  public var cycleToCycle: Double?
  /// Standard deviation of one read, in siemens.
  public var readNoise: Double?
  /// The 95 % intervals of all quantities, by their names, null at an open end; for measured curves
  /// only.
  public var intervals: [String: [Double?]]?

  /// The outcome of a device, with or without a successful analysis of its swords.
  public init(_ swords: Result<CrossedSwords, NoSymmetryPoint>) {
    switch swords {
    case .failure(let reason):
      verdict = .noSymmetryPoint(reason: reason)
    case .success(let swords):
      symmetryPoint = swords.symmetryPoint
      verdict = swords.verdict.map { .noSymmetryPoint(reason: $0) }
      range = swords.window
      weightScale = swords.weightScale
      gammaUp = swords.gammaUp
      gammaDown = swords.gammaDown
      kappa = swords.kappa
      phi = swords.phi
      states = swords.states
      cycleToCycle = swords.cycleToCycle
      readNoise = swords.readNoise
    }
  }

  /// The outcome of a measured curve in `unit`.
  init(_ estimate: Result<DeviceEstimate, NoSymmetryPoint>, unit: String) {
    switch estimate {
    case .failure(let reason):
      verdict = .noSymmetryPoint(reason: reason)
    case .success(let estimate):
      if let point = estimate.symmetryPoint, point.value.isFinite {
        symmetryPoint = Estimate(point, unit: unit)
      }
      verdict =
        estimate.verdict.map { .noSymmetryPoint(reason: $0) }
        ?? (estimate.misfits.isEmpty ? nil : .notDescribed(misfits: estimate.misfits))
      let window = estimate.window
      range = CrossedSwords.Window(min: window.lowerBound, max: window.upperBound)
      weightScale = (window.upperBound - window.lowerBound) / 2
      let quantities: [String: Interval?] = [
        "symmetry_point": estimate.symmetryPoint, "states": estimate.states,
        "gamma_up": estimate.gammaUp,
        "gamma_down": estimate.gammaDown, "kappa": estimate.kappa,
        "cycle_to_cycle": estimate.cycleToCycle, "read_noise": estimate.readNoise,
        "step": estimate.step,
      ]
      gammaUp = estimate.gammaUp.value
      gammaDown = estimate.gammaDown.value
      kappa = estimate.kappa.value
      states = estimate.states.value
      cycleToCycle = estimate.cycleToCycle.value
      readNoise = estimate.readNoise.value
      intervals = quantities.compactMapValues(\.self).mapValues {
        [$0.low, $0.high].map { $0.isFinite ? $0 : nil }
      }
    }
  }

  /// Adopts the result of zero-shifting.
  mutating func add(_ shift: ZeroShiftFinding?) {
    guard let shift else { return }
    crossing = symmetryPoint
    symmetryPoint = shift.estimate
    // Zero-shifting found the symmetry point that the swords did not show.
    verdict = nil
    converged = shift.converged
    pairs = shift.pairs
    if shift.pairs == 0 {
      verdict = .tooFewPairs(needed: shift.blockLength)
    } else if !shift.converged {
      verdict = .notConverged(pairs: shift.pairs)
    }
  }
}

extension DeviceOutcome {
  /// Always writes the symmetry point, as null if there is none; writes other values only if known.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(symmetryPoint, forKey: .symmetryPoint)
    try values.encodeIfPresent(verdict, forKey: .verdict)
    try values.encodeIfPresent(range, forKey: .range)
    try values.encodeIfPresent(weightScale, forKey: .weightScale)
    try values.encodeIfPresent(converged, forKey: .converged)
    try values.encodeIfPresent(pairs, forKey: .pairs)
    try values.encodeIfPresent(crossing, forKey: .crossing)
    try values.encodeIfPresent(gammaUp, forKey: .gammaUp)
    try values.encodeIfPresent(gammaDown, forKey: .gammaDown)
    try values.encodeIfPresent(kappa, forKey: .kappa)
    try values.encodeIfPresent(phi, forKey: .phi)
    try values.encodeIfPresent(states, forKey: .states)
    try values.encodeIfPresent(cycleToCycle, forKey: .cycleToCycle)
    try values.encodeIfPresent(readNoise, forKey: .readNoise)
    try values.encodeIfPresent(intervals, forKey: .intervals)
  }
}

extension Estimate {
  /// The standard error is that of a normal distribution with the same interval, on its longer side
  /// if the other is open.
  init(_ interval: Interval, unit: String) {
    let arms = [interval.value - interval.low, interval.high - interval.value].filter(\.isFinite)
    let arm = arms.count == 2 ? interval.halfLength : arms.first ?? .infinity
    self.init(value: interval.value, standardError: arm / 1.96, unit: unit)
    low = interval.low.isFinite ? interval.low : nil
    high = interval.high.isFinite ? interval.high : nil
  }
}

/// The outcome of an experiment that only characterises devices.
public struct CharacterisationOutcome: ExperimentOutcome, Equatable {
  public var devices: [String: DeviceOutcome]

  public var verdict: NamedVerdict? { NamedVerdict(devices) }
}

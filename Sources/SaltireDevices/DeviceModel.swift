#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The statistics of a device family: the means of the hidden parameters, and their spread from
/// device to device and from pulse to pulse.
///
/// Weights are dimensionless; `ConductanceMap` relates them to siemens. The parameters and their
/// meaning are those of aihwkit's pulsed devices (rpu_pulsed_device.cpp), except that ageing is in
/// seconds, not in calls. Unless a comment says otherwise, a spread is relative to its mean, and 0
/// means none.
public struct DeviceModel: Sendable, Equatable {
  /// How the step depends on the weight.
  public var law: Law

  /// Mean step per pulse at w = 0, in weight units (dw_min).
  public var step: Double
  /// Spread of the step between devices (dw_min_dtod).
  public var stepSpread = 0.0
  /// Whether a device's gain is exp(stepSpread·ξ), not 1 + stepSpread·ξ.
  public var stepSpreadLogNormal = false
  /// Spread of one step from pulse to pulse, in mean steps (dw_min_std).
  public var cycleToCycle = 0.0
  /// Whether the pulse-to-pulse spread of the linear laws is relative to the
  /// step at the present weight (true) or to the step at w = 0 (false).
  public var multiplicativeNoise = true
  /// Standard deviation of the apparent weight about the stored one after each
  /// pulse, in steps (write_noise_std).
  public var writeNoise = 0.0

  /// Mean upper bound of the weight, ≥ 0.
  public var weightMax: Double
  /// Mean lower bound of the weight, ≤ 0.
  public var weightMin: Double
  /// Spread of the upper bound between devices.
  public var weightMaxSpread = 0.0
  /// Spread of the lower bound between devices.
  public var weightMinSpread = 0.0

  /// Systematic difference between the scales of up and down steps, in steps.
  /// As in aihwkit a positive one lowers the down scale and a negative one
  /// lowers the up scale; neither raises anything.
  public var upDown = 0.0
  /// Spread of that difference between devices, in steps (absolute).
  public var upDownSpread = 0.0

  /// Probability of a device that is stuck at a random weight.
  public var corruptProbability = 0.0

  /// Mean time constant of the relaxation towards `resetBias`, in seconds; 0 for perfect retention.
  public var lifetime = 0.0
  /// Spread of the time constant between devices.
  public var lifetimeSpread = 0.0
  /// Mean weight that a device relaxes to.
  public var resetBias = 0.0
  /// Spread of that weight between devices, in weight units (absolute).
  public var resetBiasSpread = 0.0
  /// Mean diffusion of the weight, in weight units per √s.
  public var diffusion = 0.0
  /// Spread of the diffusion between devices.
  public var diffusionSpread = 0.0
  /// Power-law drift; nil for none.
  public var drift: Drift?

  /// A family without any spread or noise.
  ///
  /// - Parameters:
  ///   - law: how the step depends on the weight.
  ///   - step: mean step at w = 0, in weight units.
  ///   - weightMin: mean lower bound, ≤ 0.
  ///   - weightMax: mean upper bound, ≥ 0.
  public init(law: Law, step: Double, weightMin: Double = -1, weightMax: Double = 1) {
    self.law = law
    self.step = step
    self.weightMin = weightMin
    self.weightMax = weightMax
  }

  /// The family's mean device as a family: no difference between devices and
  /// none of them corrupt. Noise from pulse to pulse, write noise and ageing
  /// stay.
  public func withoutSpread() -> DeviceModel {
    var mean = self
    mean.law = law.withoutSpread()
    mean.stepSpread = 0
    mean.weightMaxSpread = 0
    mean.weightMinSpread = 0
    mean.upDownSpread = 0
    mean.corruptProbability = 0
    mean.lifetimeSpread = 0
    mean.resetBiasSpread = 0
    mean.diffusionSpread = 0
    mean.drift?.nuSpread = 0
    return mean
  }

  /// The step size in which update management counts pulses, in weight units (weight granularity of
  /// aihwkit): `step`; for the power laws step·0.5^γ; for the exponential law the mean of the up
  /// and the down step at w = 0, or `step` if both vanish there.
  public var granularity: Double {
    switch law {
    case .constantStep, .linearStep, .softBounds, .softBoundsReference, .piecewiseStep:
      return step
    case .powStep(let gamma, _, _, _), .powStepReference(let gamma, _, _, _, _, _, _):
      return step * pow(0.5, gamma)
    case .expStep(_, let b, let amplitudeUp, let amplitudeDown, let gammaUp, let gammaDown, _, _):
      let up = max(1 - amplitudeUp * exp(gammaUp * b), 0)
      let down = max(1 - amplitudeDown * exp(-gammaDown * b), 0)
      let mean = (meanScales.up * up + meanScales.down * down) / 2
      return mean > 0 ? mean : step
    }
  }

  /// Whether time alone changes a device.
  public var ages: Bool { lifetime > 0 || diffusion > 0 || drift != nil }

  /// Scales of the up and the down step of the mean device.
  private var meanScales: (up: Double, down: Double) {
    let bias = Self.biases(of: upDown)
    return (step * (1 + bias.up), step * (1 + bias.down))
  }

  /// The effect of an up-down difference on both sides: it only lowers one side.
  static func biases(of upDown: Double) -> (up: Double, down: Double) {
    upDown > 0 ? (0, -upDown) : (upDown, 0)
  }
}

extension DeviceModel {
  /// A weight that decays as a power of the time since it was last programmed:
  /// w = w₀·max(t/t₀, 1)^−ν (aihwkit weight_drifter.cpp).
  public struct Drift: Sendable, Equatable {
    /// Mean exponent ν.
    public var nu: Double
    /// Spread of ν between devices.
    public var nuSpread: Double
    /// Time after programming at which the drift sets in, in seconds.
    public var t0: Double
    /// If the weight moved by more than this since the last ageing, it has been programmed, and its
    /// drift starts again.
    public var resetTolerance: Double
    /// The drifting quantity is w + offset: the weight tends to −offset (a conductance that a
    /// differential weight does not show).
    public var offset: Double

    /// A drift with exponent `nu`, from `t0` seconds on.
    public init(
      nu: Double, nuSpread: Double = 0, t0: Double = 1,
      resetTolerance: Double = 1e-7, offset: Double = 0
    ) {
      self.nu = nu
      self.nuSpread = nuSpread
      self.t0 = t0
      self.resetTolerance = resetTolerance
      self.offset = offset
    }
  }
}

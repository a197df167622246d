extension DeviceModel {
  /// How the mean step of a pulse depends on the weight.
  ///
  /// Below, s₊ and s₋ are the up and down scales of the drawn device (near
  /// `step`), b₊ and b₋ its bounds, σ is `cycleToCycle` and ξ a fresh standard
  /// normal deviate. After every pulse the weight is clipped to the bounds.
  public enum Law: Sendable, Equatable {
    /// The same step everywhere: w += s₊(1 + σξ), w −= s₋(1 + σξ)
    /// (Gokmen & Vlasov 2016; aihwkit rpu_constantstep_device.cpp).
    case constantStep

    /// A step that decreases linearly towards the bound: w += (k₊w + s₊)(1 + σξ) with k₊ =
    /// −|γ₊|s₊/w_ref, and the mirror image down (aihwkit rpu_linearstep_device.cpp).
    ///
    /// `gammaUp` and `gammaDown` are the fractions of the step lost at the bound; their spreads are
    /// absolute. w_ref is the mean bound of the family if `meanBoundReference` is on, otherwise the
    /// device's own. A drawn γ < 0 counts as |γ| unless `allowIncreasing` is on.
    case linearStep(
      gammaUp: Double, gammaDown: Double,
      gammaUpSpread: Double = 0, gammaDownSpread: Double = 0,
      meanBoundReference: Bool = true, allowIncreasing: Bool = false)

    /// `linearStep` with γ = 1 and the device's own bounds: steps vanish at
    /// the bounds, s₊(1 − w/b₊) and s₋(1 − w/b₋).
    case softBounds

    /// Soft bounds of a device that is read against a reference: the law
    /// holds for v = w + reference, and w is v − reference
    /// (aihwkit rpu_softbounds_reference_device.cpp).
    ///
    /// The slope spreads are relative and realised by moving the bounds. The
    /// reference is drawn around `referenceMean`; with
    /// `subtractSymmetryPoint` the device's own symmetry point is added to it,
    /// which puts the symmetry point at w = −referenceMean on average.
    case softBoundsReference(
      slopeUpSpread: Double = 0, slopeDownSpread: Double = 0,
      referenceMean: Double = 0, referenceSpread: Double = 0,
      subtractSymmetryPoint: Bool = false)

    /// An exponential dependence on z = 2aw/(b₊ − b₋) + b: up
    /// s₊·max(1 − A₊e^{γ₊z}, 0), down s₋·max(1 − A₋e^{−γ₋z}, 0)
    /// (aihwkit rpu_expstep_device.cpp).
    ///
    /// When `noiseOffset` or `noiseSlope` is not 0, the standard deviation of a
    /// step is σ(|Δw| + noiseOffset + noiseSlope·|w|) in place of σ|Δw|.
    case expStep(
      a: Double, b: Double, amplitudeUp: Double, amplitudeDown: Double,
      gammaUp: Double, gammaDown: Double, noiseOffset: Double = 0, noiseSlope: Double = 0)

    /// A power of the distance to the bound: up s₊((b₊ − w)/(b₊ − b₋))^γ₊, down
    /// s₋((w − b₋)/(b₊ − b₋))^γ₋ (aihwkit rpu_powstep_device.cpp).
    ///
    /// γ₊ and γ₋ are drawn around `gamma` the way the scales are drawn around
    /// `step`: a common relative spread, an asymmetry `gammaUpDown` and its
    /// spread.
    case powStep(
      gamma: Double, gammaSpread: Double = 0,
      gammaUpDown: Double = 0, gammaUpDownSpread: Double = 0)

    /// `powStep` of a device that is read against a reference
    /// (aihwkit rpu_powstep_reference_device.cpp).
    case powStepReference(
      gamma: Double, gammaSpread: Double = 0,
      gammaUpDown: Double = 0, gammaUpDownSpread: Double = 0,
      referenceMean: Double = 0, referenceSpread: Double = 0,
      subtractSymmetryPoint: Bool = false)

    /// Step sizes at nodes spread evenly over the bounds, in units of the
    /// scales, with straight lines between them
    /// (aihwkit rpu_piecewisestep_device.cpp). Both lists have the same
    /// length, at least 1.
    case piecewiseStep(up: [Double], down: [Double])
  }
}

extension DeviceModel.Law {
  /// The same law without differences between devices.
  func withoutSpread() -> Self {
    switch self {
    case .constantStep, .softBounds, .expStep, .piecewiseStep:
      self
    case .linearStep(let gammaUp, let gammaDown, _, _, let meanBoundReference, let allowIncreasing):
      .linearStep(
        gammaUp: gammaUp, gammaDown: gammaDown,
        meanBoundReference: meanBoundReference, allowIncreasing: allowIncreasing)
    case .softBoundsReference(_, _, let mean, _, let subtract):
      .softBoundsReference(referenceMean: mean, subtractSymmetryPoint: subtract)
    case .powStep(let gamma, _, let gammaUpDown, _):
      .powStep(gamma: gamma, gammaUpDown: gammaUpDown)
    case .powStepReference(let gamma, _, let gammaUpDown, _, let mean, _, let subtract):
      .powStepReference(
        gamma: gamma, gammaUpDown: gammaUpDown,
        referenceMean: mean, subtractSymmetryPoint: subtract)
    }
  }

  /// Whether the law has write noise; the published models of the constant step and of the
  /// referenced power step do not.
  var hasWriteNoise: Bool {
    switch self {
    case .constantStep, .powStepReference: false
    default: true
    }
  }
}

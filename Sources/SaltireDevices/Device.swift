public import SaltireCore

/// One drawn device: its hidden parameters and its state.
///
/// Made by `DeviceModel.draw(_:)`. A fresh device is at weight 0.
public struct Device: Sendable {
  /// The stored weight.
  @inlinable public var weight: Double { stored }
  /// The weight as a read sees it: the stored weight plus the write noise of the last pulse, if the
  /// model has write noise.
  public var apparentWeight: Double

  @usableFromInline var stored: Double
  // The law holds for v = weight + reference, between low and high.
  @usableFromInline let low: Double
  @usableFromInline let high: Double
  @usableFromInline let reference: Double
  @usableFromInline let scaleUp: Double
  @usableFromInline let scaleDown: Double
  @usableFromInline let slopeUp: Double
  @usableFromInline let slopeDown: Double
  @usableFromInline let cycleToCycle: Double
  @usableFromInline let writeNoise: Double
  @usableFromInline let multiplicativeNoise: Bool
  // Nil for laws that are linear in the weight.
  @usableFromInline let shape: DeviceShape?
  var aging: AgingState

  init(parameters: Parameters, aging: Aging?) {
    low = parameters.low
    high = parameters.high
    reference = parameters.reference
    scaleUp = parameters.scaleUp
    scaleDown = parameters.scaleDown
    slopeUp = parameters.slopeUp
    slopeDown = parameters.slopeDown
    cycleToCycle = parameters.cycleToCycle
    writeNoise = parameters.writeNoise
    multiplicativeNoise = parameters.multiplicativeNoise
    shape = parameters.shape
    stored = min(max(reference, low), high) - reference
    apparentWeight = stored
    self.aging = .ageless
    if var aging {
      aging.lastWeight = stored
      self.aging = .ageing(aging)
    }
  }

  /// Largest weight the device can hold.
  public var weightMax: Double { high - reference }
  /// Smallest weight the device can hold.
  public var weightMin: Double { low - reference }

  /// Sets the device to `weight`, clipped to its bounds, without pulses and without write noise.
  public mutating func place(at weight: Double) {
    precondition(!weight.isNaN, "a conductance must not be NaN")
    stored = min(max(weight + reference, low), high) - reference
    apparentWeight = stored
  }

  /// Applies one pulse to the device.
  ///
  /// Draws one normal deviate for the cycle-to-cycle noise and one for the write noise, each only
  /// if the model has that noise.
  ///
  /// - Parameters:
  ///   - direction: up or down.
  ///   - scale: the size of the pulse relative to a nominal step, including noise (`GateResponse`
  ///     computes it from voltage and width). A pulse of scale 0 does nothing and draws nothing.
  ///   - random: the device's stream.
  @inlinable
  public mutating func pulse(
    _ direction: PulseDirection, scale: Double = 1, random: inout RandomStream
  ) {
    guard scale > 0 else { return }
    guard shape == nil else {
      shapedPulse(direction, scale: scale, random: &random)
      return
    }
    let v = stored + reference
    let up = direction == .up
    var step = up ? slopeUp * v + scaleUp : slopeDown * v + scaleDown
    if cycleToCycle > 0 {
      let spread = multiplicativeNoise ? step : up ? scaleUp : scaleDown
      step += spread * cycleToCycle * random.normal()
    }
    settle(at: up ? v + scale * step : v - scale * step, random: &random)
  }

  /// `pulse` for nonlinear laws.
  @usableFromInline
  mutating func shapedPulse(
    _ direction: PulseDirection, scale: Double, random: inout RandomStream
  ) {
    guard let shape, shape.acts(low: low, high: high) else { return }
    let v = stored + reference
    var step = meanStep(direction, at: v)
    if cycleToCycle > 0 {
      step += shape.noise(ofStep: step, at: v) * cycleToCycle * random.normal()
    }
    settle(at: direction == .up ? v + scale * step : v - scale * step, random: &random)
  }

  /// Ends a pulse at the unreferenced weight `v`.
  @inlinable
  mutating func settle(at v: Double, random: inout RandomStream) {
    stored = min(max(v, low), high) - reference
    apparentWeight = stored
    if writeNoise > 0 { apparentWeight += writeNoise * random.normal() }
  }

  /// Mean size of a step from `weight` in `direction`, in weight units, before noise and clipping.
  ///
  /// Not negative for a device with consistent parameters inside its bounds. A linear step crosses
  /// zero if a device's own bound is farther out than the mean one by more than its slope allows;
  /// it is then reported as negative, as `pulse` applies it.
  public func step(_ direction: PulseDirection, at weight: Double) -> Double {
    meanStep(direction, at: weight + reference)
  }

  /// `step` as a function of the unreferenced weight.
  func meanStep(_ direction: PulseDirection, at v: Double) -> Double {
    let scale = direction == .up ? scaleUp : scaleDown
    guard let shape else { return (direction == .up ? slopeUp : slopeDown) * v + scale }
    guard shape.acts(low: low, high: high) else { return 0 }
    return scale * shape.step(direction, at: v, low: low, high: high)
  }

  /// Derivative of `meanStep` with respect to the weight.
  func meanSlope(_ direction: PulseDirection, at v: Double) -> Double {
    guard let shape else { return direction == .up ? slopeUp : slopeDown }
    guard shape.acts(low: low, high: high) else { return 0 }
    let scale = direction == .up ? scaleUp : scaleDown
    return scale * shape.slope(direction, at: v, low: low, high: high)
  }
}

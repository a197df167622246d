extension Device {
  /// The hidden parameters that a draw determines, for arithmetic on whole arrays of devices.
  ///
  /// The law holds for v = weight + `reference`, and v is clipped to `low`…`high` after every
  /// pulse.
  public struct Parameters: Sendable {
    /// Lower bound of v.
    public var low: Double
    /// Upper bound of v.
    public var high: Double
    /// Step up at v = 0 in weight units; multiplies a shape.
    public var scaleUp: Double
    /// Step down at v = 0 in weight units; multiplies a shape.
    public var scaleDown: Double
    public var reference = 0.0
    /// Slope of the step up against v, of the linear laws.
    public var slopeUp = 0.0
    /// Slope of the step down against v, of the linear laws.
    public var slopeDown = 0.0
    /// Standard deviation of a step from pulse to pulse, in steps.
    public var cycleToCycle = 0.0
    /// Standard deviation of the write noise, weight units.
    public var writeNoise = 0.0
    /// Whether the cycle-to-cycle noise of a linear law is relative to the step at the present
    /// weight or to the scale.
    public var multiplicativeNoise = true
    /// Nil for laws that are linear in the weight.
    public var shape: DeviceShape?
  }

  /// The drawn parameters of this device.
  public var parameters: Parameters {
    Parameters(
      low: low, high: high, scaleUp: scaleUp, scaleDown: scaleDown, reference: reference,
      slopeUp: slopeUp, slopeDown: slopeDown, cycleToCycle: cycleToCycle, writeNoise: writeNoise,
      multiplicativeNoise: multiplicativeNoise, shape: shape)
  }
}

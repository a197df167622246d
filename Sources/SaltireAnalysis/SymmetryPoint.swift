/// A value with its standard error, both in `unit`.
public struct Estimate: Sendable, Equatable, Codable {
  public var value: Double
  /// One standard deviation of the estimate.
  public var standardError: Double
  /// SI unit of both.
  public var unit: String
  /// The 95 % interval, where it was determined; nil at an open end.
  public var low: Double?
  public var high: Double?

  public init(value: Double, standardError: Double, unit: String) {
    self.value = value
    self.standardError = standardError
    self.unit = unit
  }
}

/// Why a device has no symmetry point.
public enum NoSymmetryPoint: String, Sendable, Codable, Error, Equatable {
  /// The ratio of up to down steps is constant over the range covered.
  case parallel
  /// The swords do not cross in the range covered.
  case outside
  /// The swords cross in the wrong direction: alternating pulses drive the device away from the
  /// crossing.
  case unstable
  /// The noise masks the dependence of the steps on conductance.
  case hidden
  /// The steps change too little, compared with their noise, to locate the crossing.
  case imprecise
  /// Too few pulses are away from the bounds to fit the swords.
  case undetermined
  /// The conductance did not change beyond its noise: no pulse had an effect.
  case unresponsive
  /// One pulse crosses more than 70 % of the range covered.
  case abrupt
  /// Up and down pulses cover different parts of the range.
  case apart
}

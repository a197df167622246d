/// A value with its standard error, both in `unit`.
public struct Estimate: Sendable, Equatable, Codable {
  public var value: Double
  /// One standard deviation of the estimate.
  public var standardError: Double
  /// SI unit of both.
  public var unit: String

  public init(value: Double, standardError: Double, unit: String) {
    self.value = value
    self.standardError = standardError
    self.unit = unit
  }
}

/// Why a device has no symmetry point.
public enum NoSymmetryPoint: String, Sendable, Codable, Error, Equatable {
  /// Up and down steps stay in the same proportion over the range covered.
  case parallel
  /// The swords do not cross in the range covered.
  case outside
  /// The swords cross the wrong way: alternating pulses drive away from the crossing.
  case unstable
  /// The noise hides how the steps depend on the conductance.
  case hidden
  /// The steps change too little, for their noise, to tell where the swords cross.
  case imprecise
  /// Too few pulses are away from the bounds to fit the swords.
  case undetermined
}

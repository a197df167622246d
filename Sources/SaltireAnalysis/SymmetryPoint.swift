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

/// Why a device has no symmetry point, in the words of the report.
public enum NoSymmetryPoint: String, Sendable, Codable, Error, Equatable {
  case parallel =
    "no symmetry point: up and down steps stay in the same proportion over the whole window"
  case outside = "no symmetry point: the swords do not cross inside the window"
  case unstable =
    "no symmetry point: the swords cross the wrong way, alternating pulses drive away from it"
  case hidden =
    "no symmetry point can be told: the noise hides how the steps depend on the conductance"
  case undetermined = "no symmetry point: too few pulses away from the bounds to fit the swords"
}

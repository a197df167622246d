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
    "no symmetry point: up and down steps stay in the same proportion over the range covered"
  case outside = "no symmetry point: the swords do not cross in the range covered"
  case unstable =
    "no symmetry point: the swords cross the wrong way, alternating pulses drive away from it"
  case hidden =
    "no symmetry point can be told: the noise hides how the steps depend on the conductance"
  case imprecise =
    "no symmetry point can be told: over the range covered the steps change too little, for their noise, to tell where the swords cross"
  case undetermined = "no symmetry point: too few pulses away from the bounds to fit the swords"

  /// Reads what a session says: earlier ones called the range covered the window.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
      .replacing("over the whole window", with: "over the range covered")
      .replacing("inside the window", with: "in the range covered")
    guard let reason = Self(rawValue: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: text)
    }
    self = reason
  }
}

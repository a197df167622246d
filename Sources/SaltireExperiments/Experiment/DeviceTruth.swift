public import SaltireAnalysis

/// What a modelled device really is, in the form of a measured outcome: for
/// checking results, read by no experiment or analysis.
public struct DeviceTruth: Codable, Sendable, Equatable {
  /// Siemens; nil without a symmetry point.
  public var symmetryPoint: Estimate?
  /// Per weight unit of half the device's own range; nil without one.
  public var kappa: Double?
  /// Siemens.
  public var range: CrossedSwords.Window

  public init(symmetryPoint: Estimate?, kappa: Double?, range: CrossedSwords.Window) {
    self.symmetryPoint = symmetryPoint
    self.kappa = kappa
    self.range = range
  }

  /// What does not exist is said as null, as in an outcome.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(symmetryPoint, forKey: .symmetryPoint)
    try values.encode(kappa, forKey: .kappa)
    try values.encode(range, forKey: .range)
  }
}

public import SaltireAnalysis

/// The true properties of a modelled device, in the form of a measured outcome. Used to check
/// results; no experiment or analysis reads it.
public struct DeviceTruth: Codable, Sendable, Equatable {
  /// In siemens; nil without a symmetry point.
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

  /// Writes missing values as null, as an outcome does.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(symmetryPoint, forKey: .symmetryPoint)
    try values.encode(kappa, forKey: .kappa)
    try values.encode(range, forKey: .range)
  }
}

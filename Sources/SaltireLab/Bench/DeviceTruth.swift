public import SaltireAnalysis
internal import SaltireDevices
public import SaltireSimulation

/// What a modelled device really is, in the form of a measured outcome: for
/// checking results, read by no experiment or analysis.
public struct DeviceTruth: Codable, Sendable, Equatable {
  /// Siemens; nil without a symmetry point.
  public var symmetryPoint: Estimate?
  /// Per weight unit of half the device's own range; nil without one.
  public var kappa: Double?
  /// Siemens.
  public var range: CrossedSwords.Window

  /// What does not exist is said as null, as in an outcome.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(symmetryPoint, forKey: .symmetryPoint)
    try values.encode(kappa, forKey: .kappa)
    try values.encode(range, forKey: .range)
  }
}

extension DeviceTruth {
  /// The truth about a modelled device.
  public init(_ drawn: SimulatedDevices.Drawn) {
    let (device, map) = (drawn.device, drawn.map)
    self.init(
      symmetryPoint: device.symmetryPoint.map {
        Estimate(value: map.conductance($0), standardError: 0, unit: "S")
      },
      kappa: device.kappa.map { $0 * (device.weightMax - device.weightMin) / 2 },
      range: CrossedSwords.Window(
        min: map.conductance(device.weightMin), max: map.conductance(device.weightMax)))
  }
}

import SaltireAnalysis
import SaltireDevices
public import SaltireExperiments
public import SaltireSimulation

extension DeviceTruth {
  /// The true properties of a modelled device.
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

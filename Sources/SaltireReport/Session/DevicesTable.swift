import SaltireAnalysis
import SaltireCore
import SaltireExperiments
import SaltireFigures

/// What was measured of devices, as a table; conductances are in `unit`.
func devicesTable(_ devices: [String: DeviceOutcome], unit: String) -> HTMLReport.Block {
  func text(_ value: Double?) -> String {
    value.map { Quantity($0, .one).formatted(digits: 3) } ?? "–"
  }
  func estimate(_ estimate: Estimate?) -> String {
    estimate.map { uncertain($0.value, standardError: $0.standardError, unit: $0.unit) } ?? "–"
  }
  return .table(
    HTMLTable(
      caption: "What was measured. A weight unit is half of a device's range; symmetry points"
        + " are from zero-shifting where there was one, from the swords' crossing otherwise.",
      columns: [
        .init("device", alignment: .left), .init("symmetry point"), .init("swords cross at"),
        .init("range"), .init("states"), .init("γ up"), .init("γ down"), .init("κ"),
        .init("cycle-to-cycle"), .init("read noise"), .init("pairs"),
      ],
      rows: devices.sorted { $0.key < $1.key }.map { name, device in
        [
          name, device.symmetryPoint == nil ? "none" : estimate(device.symmetryPoint),
          estimate(device.crossing),
          device.range.map { range in
            let scale = EngineeringScale([range.min, range.max], unit: unit)
            let ends = [range.min, range.max].map {
              Quantity(scale($0), .one).formatted(digits: 4)
            }
            return "\(ends[0]) … \(ends[1])\(unit.isEmpty ? "" : " \(scale.unit)")"
          } ?? "–",
          text(device.states), text(device.gammaUp), text(device.gammaDown), text(device.kappa),
          text(device.cycleToCycle), device.readNoise.map { uncertain($0, unit: unit) } ?? "–",
          device.pairs.map { "\($0)\(device.converged == false ? ", not converged" : "")" }
            ?? "–",
        ]
      }, hasRowHeaders: true))
}

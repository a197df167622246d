import SaltireAnalysis
import SaltireCore
public import SaltireFigures

/// The measured properties of devices, as lines of the summary and as a section of the report.
enum DeviceSummary {
  /// One text line for each device.
  static func lines(_ devices: [String: DeviceOutcome]) -> [String] {
    devices.sorted { $0.key < $1.key }.map { name, device in
      let point = device.symmetryPoint.map {
        "symmetry point \(uncertain($0.value, standardError: $0.standardError, unit: "S"))"
      }
      let range = device.range.map { range in
        let ends = [range.min, range.max].map { Quantity($0, .siemens).formatted(digits: 3) }
        return " from \(ends[0]) to \(ends[1])"
      }
      let states = device.states.map {
        "\(Quantity($0.rounded(), .one).formatted(digits: 4)) states" + (range ?? "")
      }
      let kappa = device.kappa.map { "κ \(Quantity($0, .one).formatted(digits: 3))" }
      let parts = [point ?? device.verdict?.text, states, kappa].compactMap(\.self)
      return "\(name)  \(parts.joined(separator: ", "))"
    }
  }

  /// The section, if the run has an outcome.
  static func sections(
    _ devices: [String: DeviceOutcome]?, truth: [String: DeviceTruth]
  ) -> [HTMLReport.Section] {
    guard let devices else { return [] }
    return [
      .init(
        "Devices",
        [table(devices, unit: "S")] + disagreements(devices).map { .paragraph($0) }
          + models(devices, truth))
    ]
  }

  /// A table of devices whose conductances are in `unit`.
  static func table(_ devices: [String: DeviceOutcome], unit: String) -> HTMLReport.Block {
    func text(_ value: Double?) -> String {
      value.map { Quantity($0, .one).formatted(digits: 3) } ?? "–"
    }
    func estimate(_ estimate: Estimate?) -> String {
      estimate.map { uncertain($0.value, standardError: $0.standardError, unit: $0.unit) } ?? "–"
    }
    return .table(
      HTMLTable(
        caption: "Measured values. A weight unit is half of a device's range. Symmetry points are"
          + " from zero-shifting where it was performed, otherwise from the crossing point of"
          + " the swords.",
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

  /// Devices whose crossing point disagrees with zero-shifting.
  private static func disagreements(_ devices: [String: DeviceOutcome]) -> [String] {
    devices.sorted { $0.key < $1.key }.compactMap { name, device in
      guard let shifted = device.symmetryPoint, let crossing = device.crossing else { return nil }
      let variance =
        shifted.standardError * shifted.standardError
        + crossing.standardError * crossing.standardError
      let errors = abs(shifted.value - crossing.value) / variance.squareRoot()
      guard errors > 3 else { return nil }
      return "\(name): the swords cross \(Quantity(errors, .one).formatted(digits: 2)) standard"
        + " errors away from the symmetry point found by zero-shifting. Either its steps are"
        + " not a linear or quadratic function of the conductance, or the device has changed in"
        + " the meantime. Rely on zero-shifting."
    }
  }

  /// The true parameters of the models next to the measured ones.
  private static func models(
    _ devices: [String: DeviceOutcome], _ truth: [String: DeviceTruth]
  ) -> [HTMLReport.Block] {
    guard !truth.isEmpty else { return [] }
    let rows = devices.sorted { $0.key < $1.key }.compactMap { name, device -> [String]? in
      guard let model = truth[name] else { return nil }
      var deviation: String?
      if let measured = device.symmetryPoint, let point = model.symmetryPoint {
        let errors = (measured.value - point.value) / measured.standardError
        deviation = Quantity(errors, .one).formatted(digits: 2)
      }
      return [
        name,
        model.symmetryPoint.map { Quantity($0.value, .siemens).formatted(digits: 4) } ?? "none",
        deviation ?? "–", model.kappa.map { Quantity($0, .one).formatted(digits: 3) } ?? "–",
      ]
    }
    return [
      .details(
        summary: "Comparison with the models",
        [
          .table(
            HTMLTable(
              caption: "True values of the modelled devices. No experiment or analysis uses them.",
              columns: [
                .init("device", alignment: .left), .init("symmetry point"),
                .init("measured − true, in standard errors"), .init("κ"),
              ], rows: rows, hasRowHeaders: true))
        ])
    ]
  }
}

/// A characterisation is summarised and reported like every other.
extension RecordedExperiment where Outcome == CharacterisationOutcome {
  public static func summary(of outcome: CharacterisationOutcome) -> [String] {
    DeviceSummary.lines(outcome.devices)
  }

  public static func sections(
    of run: RecordedRun<CharacterisationOutcome>
  ) -> [HTMLReport.Section] {
    DeviceSummary.sections(run.outcome?.devices, truth: run.truth)
  }
}

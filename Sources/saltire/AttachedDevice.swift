import SaltireCore
import SaltireDevices
import SaltireInstruments
import SaltireSimulation

/// The device that `saltire simulate --device` wires to a single instrument.
enum AttachedDevice {
  case resistor(Double)
  case device(SimulatedDevices)

  /// Reads `resistor:10k` or the name of a preset.
  ///
  /// - Throws: a usage failure with a hint.
  init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if parts[0] == "resistor" {
      guard parts.count == 2, let ohms = Self.ohms(parts[1]), ohms > 0 else {
        throw Failure(
          .usage, "'\(text)' is not a resistor above 0 ohms",
          hints: ["for example resistor:10k or resistor:1e6"])
      }
      self = .resistor(ohms)
      return
    }
    let known = DeviceModel.presetNames
    guard known.contains(text) else {
      throw Failure(
        .usage, "unknown device '\(text)'",
        hints: [
          suggestion(for: text, among: known + ["resistor"]).map { "did you mean '\($0)'?" }
            ?? "devices: resistor:OHMS, \(known.joined(separator: ", "))"
        ])
    }
    // The same values as in the bench files that come with saltire.
    let document = try Document(
      name: "device",
      text: """
        preset: \(text)
        window: { min: 1 uS, max: 5 uS }
        pulse: { voltage: 4 V, width: 10 ms }
        """)
    let reader = Reader(document)
    let devices = SimulatedDevices(
      devices: reader, meters: reader.section(SimulatedDevices.Keys.meters),
      curves: NoCurves())
    try reader.finish()
    self = .device(devices)
  }

  /// A number, optionally with k, M or the unit.
  private static func ohms(_ text: Substring) -> Double? {
    if let plain = Double(text) { return plain }
    let unit = text.hasSuffix("Ohm") || text.hasSuffix("Ω") ? "" : "Ohm"
    return try? Quantity(parsing: text + unit, as: .ohm).value
  }

  /// Wires the device to the channels of an instrument.
  ///
  /// - Parameters:
  ///   - nodes: the circuit nodes of the channels.
  ///   - role: the role of the instrument; a single channel of a generator is the gate, one of a
  ///     source meter the drain. The other terminal is grounded.
  func attach(to nodes: [String], of role: Definition.Role, in plan: inout LabPlan) {
    switch self {
    case .resistor(let ohms): plan.resistors = nodes.map { .init(node: $0, ohms: ohms) }
    case .device(let devices):
      let isSingle = nodes.count == 1
      let gate = isSingle && role == .sourceMeter ? "ground" : nodes[0]
      let drain = isSingle ? (role == .sourceMeter ? nodes[0] : "ground") : nodes[1]
      plan.devices = devices
      plan.sites = [.init(device: "device", gate: gate, drain: drain, row: nil)]
      // The grounded terminal is held at 0 V.
      if isSingle { plan.resistors = [.init(node: "ground", ohms: 1e-3)] }
    }
  }
}

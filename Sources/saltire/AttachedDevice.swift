import SaltireCore
import SaltireDevices
import SaltireInstruments
import SaltireSimulation

/// What `saltire simulate --device` wires a single instrument to.
enum AttachedDevice {
  case resistor(Double)
  case device(SimulatedDevices)

  /// Reads `resistor:10k` or the name of a preset.
  ///
  /// - Throws: a usage failure with what would be right.
  init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if parts[0] == "resistor" {
      guard parts.count == 2, let ohms = Self.ohms(parts[1]), ohms > 0 else {
        throw Failure(
          .usage, "'\(text)' is no resistor of more than 0 ohms",
          hints: ["as in resistor:10k or resistor:1e6"])
      }
      self = .resistor(ohms)
      return
    }
    let known = DeviceModel.presetNames
    guard known.contains(text) else {
      throw Failure(
        .usage, "there is no device '\(text)'",
        hints: [
          suggestion(for: text, among: known + ["resistor"]).map { "did you mean '\($0)'?" }
            ?? "devices: resistor:OHMS, \(known.joined(separator: ", "))"
        ])
    }
    // As on the benches that are shipped.
    let document = try Document(
      name: "device",
      text: """
        preset: \(text)
        window: { min: 1 uS, max: 5 uS }
        pulse: { voltage: 4 V, width: 10 ms }
        """)
    let reader = Reader(document)
    let devices = SimulatedDevices(
      devices: reader, meters: reader.section(SimulatedDevices.Keys.meters)
    ) { _ in nil }
    try reader.finish()
    self = .device(devices)
  }

  /// A number with or without k, M or the unit.
  private static func ohms(_ text: Substring) -> Double? {
    if let plain = Double(text) { return plain }
    let unit = text.hasSuffix("Ohm") || text.hasSuffix("Ω") ? "" : "Ohm"
    return try? Quantity(parsing: text + unit, as: .ohm).value
  }

  /// Wires it to an instrument's channels.
  ///
  /// - Parameters:
  ///   - nodes: those of the channels.
  ///   - role: of the instrument; a single channel of a generator is on the
  ///     gate, one of a source meter on the drain, the other on ground.
  func attach(to nodes: [String], of role: Definition.Role, in plan: inout LabPlan) {
    switch self {
    case .resistor(let ohms): plan.resistors = nodes.map { .init(node: $0, ohms: ohms) }
    case .device(let devices):
      let isSingle = nodes.count == 1
      let gate = isSingle && role == .sourceMeter ? "ground" : nodes[0]
      let drain = isSingle ? (role == .sourceMeter ? nodes[0] : "ground") : nodes[1]
      plan.devices = devices
      plan.sites = [.init(device: "device", gate: gate, drain: drain, row: nil)]
      // What is on ground is held there.
      if isSingle { plan.resistors = [.init(node: "ground", ohms: 1e-3)] }
    }
  }
}

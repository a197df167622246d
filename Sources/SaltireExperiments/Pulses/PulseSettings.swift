import SaltireCore
import SaltireDevices
import SaltirePrograms

/// The pulses and reads of a protocol: its `pulse` and `read` sections.
struct PulseSettings: Sendable {
  /// Volts of an up pulse, > 0, and of a down pulse, < 0, gate minus row.
  let up: Located<Double>
  let down: Located<Double>
  /// Seconds.
  let width: Located<Double>
  /// Seconds between the pulses of a train.
  let gap: Double
  /// Seconds from the end of a pulse to the read.
  let settle: Double
  /// Volts on the drain in a read of full scale.
  let readVoltage: Located<Double>
  /// Seconds that a read averages.
  let integration: Double

  enum Keys {
    static let all: [any DeclaredKey] = [pulse, read]
    static let pulse = SectionKey(
      "pulse", "The pulses; voltages are gate minus row.", [up, down, width, gap, settle])
    static let up = Key.quantity(
      "up", .volt, in: 1e-6...1000, "Amplitude of a potentiation pulse.",
      hint: "an up pulse is positive: 4 V")
    static let down = Key.quantity(
      "down", .volt, in: -1000 ... -1e-6, "Amplitude of a depression pulse.",
      hint: "a down pulse is negative: -4 V")
    static let width = Key.quantity("width", .second, in: 1e-12...1e6, "Width of every pulse.")
    static let gap = Key.quantity(
      "gap", .second, in: 0...1e6, absent: "`width`", "Time between the slots of a train.")
    static let settle = Key.quantity(
      "settle", .second, in: 0...1e6, "Time from the end of a pulse to the read.")
    static let read = SectionKey("read", "The reads.", [readVoltage, integration])
    static let readVoltage = Key.quantity(
      "voltage", .volt, in: 1e-6...1000, "Drain minus row, in a read of full scale.")
    static let integration = Key.quantity(
      "integration", .second, in: 1e-9...1e6,
      "Time that a read averages; 20 ms is 1 NPLC at 50 Hz.")
  }

  init(_ reader: Reader) {
    let pulse = reader.section(Keys.pulse)
    up = pulse[Keys.up]
    down = pulse[Keys.down]
    width = pulse[Keys.width]
    gap = pulse.optional(Keys.gap)?.value ?? width.value
    settle = pulse[Keys.settle].value
    let read = reader.section(Keys.read)
    readVoltage = read[Keys.readVoltage]
    integration = read[Keys.integration].value
  }

  /// What single pulses on some devices, and reads, ask for.
  func demands(on sites: [Wiring.Site]) -> [Demand] {
    let devices = sites.map(\.device)
    return [
      Demand(.gateVoltage, up, "up pulse amplitude", of: devices),
      Demand(.gateVoltage, down, "down pulse amplitude", of: devices),
      Demand(.gateStep, up, "up pulse amplitude", of: devices),
      Demand(.gateStep, down, "down pulse amplitude", of: devices),
      Demand(.pulseWidth, width, "pulse width", of: devices),
      Demand(.drainVoltage, readVoltage, "read voltage", of: devices),
    ]
  }

  /// What trains of such pulses ask for besides.
  func trainDemands(on sites: [Wiring.Site]) -> [Demand] {
    let duty = Located(width.value / (width.value + gap), at: width.location)
    return [Demand(.duty, duty, "the trains' duty of", of: sites.map(\.device))]
  }

  /// Reads of devices with the currents of both ends of the channel: what does
  /// not come out where it went in goes through the gate, or elsewhere.
  func preflight(_ sites: [Wiring.Site]) -> [Step] {
    sites.map { site in
      .read(
        Reading(
          drives: [.init(site.drain, level: readVoltage.value)],
          measures: site.row.map { [$0, site.drain] } ?? [site.drain], integration: integration))
    }
  }

  /// Gate minus row, volts.
  func level(_ direction: PulseDirection) -> Double {
    direction == .up ? up.value : down.value
  }

  /// One pulse on one device, its row at 0 V.
  func pulse(_ site: Wiring.Site, _ direction: PulseDirection) -> Step {
    .pulse(site.gate, level: level(direction), width: width.value)
  }

  /// A read of one device: its drain at the read voltage, its row's current.
  func read(_ site: Wiring.Site) -> Step {
    .read(
      Reading(
        drives: [.init(site.drain, level: readVoltage.value)], measures: [site.meter],
        integration: integration))
  }
}

extension PulseSettings {
  /// Siemens, from the current of ``read(_:)``.
  func conductance(_ current: Double, of site: Wiring.Site) -> Double {
    site.meterSign * current / readVoltage.value
  }
}

extension Reader {
  /// The places of the devices named at `key`; all of the bench without it.
  func sites(_ key: Key<[Located<String>]>, in wiring: Wiring) -> [Wiring.Site] {
    guard let names = optional(key) else { return wiring.sites }
    if names.value.isEmpty {
      conclude(Diagnostic("\(key.name) names no device", at: names.location))
    }
    return names.value.compactMap { site(named: $0, in: wiring) }
  }

  /// The place of the device `name`; reports one that the bench does not have.
  func site(named name: Located<String>, in wiring: Wiring) -> Wiring.Site? {
    if let site = wiring.site(name.value) { return site }
    let known = wiring.sites.map(\.device)
    report(
      Diagnostic(
        "there is no device '\(name.value)' on this bench", at: name.location,
        hints: [
          suggestion(for: name.value, among: known).map { "did you mean '\($0)'?" }
            ?? "devices: \(known.joined(separator: ", "))"
        ]))
    return nil
  }
}

import SaltireCore
import SaltireDevices
import SaltirePrograms

/// The pulses and reads of a protocol: its `pulse` and `read` sections.
struct PulseSettings: Sendable {
  /// Amplitudes of the up pulse (> 0) and the down pulse (< 0), gate minus row, in volts.
  let up: Located<Double>
  let down: Located<Double>
  /// Seconds.
  let width: Located<Double>
  /// Seconds between the pulses of a train.
  let gap: Double
  /// Seconds from the end of a pulse to the read.
  let settle: Double
  /// Drain voltage of a full-scale read, in volts.
  let readVoltage: Located<Double>
  /// Integration time of a read, in seconds.
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

  /// The demands of single pulses on these devices, and of reads.
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

  /// The additional demands of pulse trains.
  func trainDemands(on sites: [Wiring.Site]) -> [Demand] {
    let duty = Located(width.value / (width.value + gap), at: width.location)
    return [Demand(.duty, duty, "the trains' duty of", of: sites.map(\.device))]
  }

  /// Reads of devices that measure the current at both ends of the channel. A difference between
  /// them is leakage through the gate or elsewhere.
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

  /// One pulse on one device, with its row at 0 V.
  func pulse(_ site: Wiring.Site, _ direction: PulseDirection) -> Step {
    .pulse(site.gate, level: level(direction), width: width.value)
  }

  /// A read of one device: read voltage on its drain, current measured at its row.
  func read(_ site: Wiring.Site) -> Step {
    .read(
      Reading(
        drives: [.init(site.drain, level: readVoltage.value)], measures: [site.meter],
        integration: integration))
  }
}

extension PulseSettings {
  /// The conductance in siemens, from the current of ``read(_:)``.
  func conductance(_ current: Double, of site: Wiring.Site) -> Double {
    site.meterSign * current / readVoltage.value
  }
}

extension Reader {
  /// The devices named at `key`; all devices of the bench if the key is absent.
  func sites(_ key: Key<[Located<String>]>, in wiring: Wiring) -> [Wiring.Site] {
    guard let names = optional(key) else { return wiring.sites }
    if names.value.isEmpty {
      conclude(Diagnostic("\(key.name) names no device", at: names.location))
    }
    return names.value.compactMap { site(named: $0, in: wiring) }
  }

  /// The device `name`; reports an error if the bench does not have it.
  func site(named name: Located<String>, in wiring: Wiring) -> Wiring.Site? {
    if let site = wiring.site(name.value) { return site }
    let known = wiring.sites.map(\.device)
    report(
      Diagnostic(
        "this bench has no device '\(name.value)'", at: name.location,
        hints: [
          suggestion(for: name.value, among: known).map { "did you mean '\($0)'?" }
            ?? "devices: \(known.joined(separator: ", "))"
        ]))
    return nil
  }
}

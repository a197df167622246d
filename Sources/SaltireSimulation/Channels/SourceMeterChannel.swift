internal import SaltireCore
internal import SaltireInstruments

/// A channel that sources a voltage or current and measures both.
///
/// Settings that act: `source.function`, `source.level.voltage`/`.current`,
/// `source.range.…`, `source.autorange.…`, `limit.current`/`.voltage`,
/// `measure.range.…`, `measure.autorange.…`, `measure.nplc`, `output`,
/// `output.off_mode`, `output.off_limit`. All others are kept and told.
final class SourceMeterChannel: ChannelModel {
  var settings = Settings()
  private let model: Definition.Model
  private let circuit: Circuit
  /// Standard deviation of a measured current, amperes.
  private let noise: Double
  private var random: RandomStream
  /// Hertz.
  private let lineFrequency: Double
  private var memory = ReadingMemory()

  /// What does not fit a range reads as this (SCPI-99, 7.2.1.4).
  static let overflow = 9.9e37
  /// By how much a level or reading may exceed its range's name.
  private static let headroom = 1.05

  init(
    model: Definition.Model, circuit: Circuit, noise: Double, random: RandomStream,
    lineFrequency: Double
  ) {
    self.model = model
    self.circuit = circuit
    self.noise = noise
    self.random = random
    self.lineFrequency = lineFrequency
  }

  // MARK: Circuit

  func drive(at time: Double) -> Drive {
    switch settings.word("output") {
    case "on":
      return settings.word("source.function") == "current"
        ? .current(settings.number("source.level.current"), limit: settings.number("limit.voltage"))
        : .voltage(settings.number("source.level.voltage"), limit: settings.number("limit.current"))
    case "off":
      switch settings.word("output.off_mode") {
      case "normal": return .voltage(0, limit: settings.number("output.off_limit"))
      case "zero": return .voltage(0, limit: settings.number("limit.current"))
      case "guard": return .current(0, limit: settings.number("limit.voltage"))
      default: return .open
      }
    default: return .open
    }
  }

  func edge(after time: Double) -> Double? { nil }

  // MARK: Settings

  func hasReset() {
    memory.stopFeeding()
    circuit.touch()
  }

  func set(_ name: String, _ value: SettingValue) throws(ChannelFault) {
    guard case .number(let number) = value else {
      settings[name] = value
      if name == "buffer.control" {
        value == .word("next")
          ? memory.feed(Int(settings.number("buffer.points"))) : memory.stopFeeding()
      }
      circuit.touch()
      return
    }
    // A delay that is set is not the automatic one (2400S-900-01, 18-82).
    if name == "source.delay" { settings["source.delay_auto"] = .word("off") }
    let parts = name.split(separator: ".")
    guard let quantity = parts.last, let ranges = ranges(quantity), parts.count >= 2 else {
      settings[name] = value
      return
    }
    switch "\(parts[0])\(parts.count > 2 ? ".\(parts[1])" : "")" {
    case "source.level":
      let range = "source.range.\(quantity)"
      if abs(number) > settings.number(range) * Self.headroom {
        guard settings.isOn("source.autorange.\(quantity)") else { throw .outOfRange }
        settings[range] = .number(try covering(number, ranges))
      }
      settings[name] = value
    case "source.range":
      let range = try covering(number, ranges)
      settings[name] = .number(range)
      settings["source.autorange.\(quantity)"] = .word("off")
      let level = settings.number("source.level.\(quantity)")
      if abs(level) > range { settings["source.level.\(quantity)"] = .number(range) }
    case "measure.range":
      settings[name] = .number(try covering(number, ranges))
      settings["measure.autorange.\(quantity)"] = .word("off")
    default:
      settings[name] = value
    }
    circuit.touch()
  }

  private func ranges(_ quantity: Substring) -> [Double]? {
    switch quantity {
    case "voltage": model.voltageRanges
    case "current": model.currentRanges
    default: nil
    }
  }

  /// The smallest range that a value fits in.
  private func covering(_ value: Double, _ ranges: [Double]) throws(ChannelFault) -> Double {
    guard let range = ranges.first(where: { abs(value) <= $0 * Self.headroom }) else {
      throw .outOfRange
    }
    return range
  }

  // MARK: Measuring

  func act(_ name: String) throws(ChannelFault) -> Bool {
    switch name {
    case "initiate":
      guard settings.isOn("output") else { throw .outputOff }
      try trigger()
    case "clear_buffer": memory.clear()
    case "output_off": try set("output", .word("off"))
    case "sense_all": settings["sense.functions"] = .text("VOLT:DC,CURR:DC,RES")
    default: return false
    }
    return true
  }

  func answer(_ query: String) throws(ChannelFault) -> [SettingValue]? {
    switch query {
    case "tripped": return [.word(isTripped ? "on" : "off")]
    case "measure":
      try trigger()
      return memory.latest
    case "measure_on":
      // MEASure? turns the output on by itself (2400S-900-01, 18-72).
      try set("output", .word("on"))
      try trigger()
      return memory.latest
    case "measure_voltage", "measure_current", "measure_resistance":
      // With a function, it measures that one, once.
      settings["sense.functions"] = .text(Self.functions[query] ?? "")
      settings["trigger.count"] = .number(1)
      settings["arm.count"] = .number(1)
      return try answer("measure_on")
    case "latest": return memory.latest
    case "buffer": return memory.stored
    // Bit 1: the current limit (2600BS-901-01, status model).
    case "measurement_condition": return [.number(isTripped ? 2 : 0)]
    case "zero": return [.number(0)]
    default: return nil
    }
  }

  /// Whether the output is at its compliance.
  var isTripped: Bool { circuit.state(of: self).limited }

  private static let functions = [
    "measure_voltage": "VOLT:DC", "measure_current": "CURR:DC", "measure_resistance": "RES",
  ]

  /// More readings than this no trigger makes.
  private static let mostReadings = 2500.0

  func takeEvents() -> Int { memory.takeEvents() }

  /// As many readings as the layers of the trigger model count, each behind
  /// the delay of a trigger.
  private func trigger() throws(ChannelFault) {
    let count = max(settings.number("trigger.count"), 1) * max(settings.number("arm.count"), 1)
    memory.begin()
    for _ in 0..<Int(min(count, Self.mostReadings)) {
      circuit.advance(settings.number("trigger.delay"))
      memory.add(try measure())
    }
    if settings.word("buffer.control") == "next", !memory.isFed {
      settings["buffer.control"] = .word("never")
    }
  }

  /// Takes one reading: volts, amperes, lab seconds at its beginning, and 1
  /// where it was in compliance. Lab time passes by the integration time.
  private func measure() throws(ChannelFault) -> [SettingValue] {
    let state = circuit.state(of: self)
    let begin = circuit.time
    circuit.advance(settings.number("measure.nplc") / lineFrequency)
    var current = state.current
    if noise > 0 { current += noise * random.normal() }
    return [
      .number(fitted(state.voltage, "voltage")), .number(fitted(current, "current")),
      .number(begin), .number(state.limited ? 1 : 0),
    ]
  }

  private func fitted(_ value: Double, _ quantity: String) -> Double {
    if settings.isOn("measure.autorange.\(quantity)") { return value }
    // What is sourced is measured on the source's range.
    let sourced = settings.word("source.function") == quantity
    let range = settings.number(sourced ? "source.range.\(quantity)" : "measure.range.\(quantity)")
    return range == 0 || abs(value) <= range * Self.headroom
      ? value : value > 0 ? Self.overflow : -Self.overflow
  }
}

import SaltireCore
import SaltireInstruments

/// A channel that sources a voltage or a current and measures both.
///
/// Effective settings: `source.function`, `source.level.voltage`/`.current`, `source.range.…`,
/// `source.autorange.…`, `limit.current`/`.voltage`, `measure.range.…`, `measure.autorange.…`,
/// `measure.nplc`, `line_frequency`, the averaging filter, the counts, sources and delays of the
/// trigger model, `output`, `output.off_mode`, `output.off_function`, `output.off_limit`/
/// `.off_limitv`. All others are stored and reported. Effective numbers of the
/// model: `headroom`, by how much a level or reading may exceed the name of its range;
/// `compliance_share`, the smallest limit in measurement ranges; `limit_share`, the same for a
/// fixed range only; `off_share`, the limit of the normal off state in ranges; and `zero_limit`,
/// that of the zero off state in amperes.
final class SourceMeterChannel: ChannelModel {
  var settings = Settings()
  private let model: Definition.Model
  /// The circuit, which owns the channel.
  unowned let circuit: Circuit
  /// Standard deviation of a current measurement, in amperes.
  private let noise: Double
  /// 1, or -1 for one with the opposite polarity.
  private let sign: Double
  /// Nil if its line follows at once.
  private let line: SlowLine?
  private var random: RandomStream
  /// The mains frequency that it counts cycles of, in hertz.
  private var lineFrequency: Double
  /// Nil if it is off.
  private var filter: AveragingFilter?
  /// Fires a trigger line.
  let fire: (Int) -> Void
  /// The present level of a list sweep, in volts.
  var swept: Double?
  var memory = ReadingMemory()

  /// The reading of an out-of-range value (SCPI-99, 7.2.1.4).
  static let overflow = 9.9e37
  let headroom: Double

  init(
    model: Definition.Model, circuit: Circuit, noise: Double, random: RandomStream,
    lineFrequency: Double, flaw: ChannelFlaw = ChannelFlaw(),
    fire: @escaping (Int) -> Void = { _ in }
  ) {
    sign = flaw.sign
    line = SlowLine(flaw)
    self.fire = fire
    self.model = model
    headroom = model.numbers["headroom"] ?? 1
    offShare = model.numbers["off_share"] ?? 0.005
    self.circuit = circuit
    self.noise = noise + flaw.noise
    self.random = random
    self.lineFrequency = lineFrequency
  }

  // MARK: Circuit

  func drive(at time: Double) -> Drive {
    if settings.isOn("output") {
      return settings.word("source.function") == "current"
        ? .current(settings.number("source.level.current"), limit: settings.number("limit.voltage"))
        : .voltage(
          atFarEnd(swept ?? settings.number("source.level.voltage"), at: time),
          limit: settings.number("limit.current"))
    }
    if settings.isOn("output.open") { return .open }
    switch settings.word("output.off_mode") {
    case "normal": return normalOff
    case "zero":
      return .voltage(0, limit: model.numbers["zero_limit"] ?? settings.number("limit.current"))
    case "guard": return .current(0, limit: offShare * settings.number("source.range.voltage"))
    default: return .open
    }
  }

  /// In units of the present range, if the limits of the off state cannot be set (2400S-900-01,
  /// 13-9).
  private let offShare: Double

  /// 0 V, or 0 A if so configured.
  private var normalOff: Drive {
    guard settings["output.off_limit"] != nil else {
      return .voltage(0, limit: offShare * settings.number("measure.range.current"))
    }
    return settings["output.off_function"] == .number(0)
      ? .current(0, limit: settings.number("output.off_limitv"))
      : .voltage(0, limit: settings.number("output.off_limit"))
  }

  private func atFarEnd(_ level: Double, at time: Double) -> Double {
    sign * (line?.voltage(level, at: time) ?? level)
  }

  func edge(after time: Double) -> Double? { line?.edge(after: time) }

  // MARK: Settings

  func hasReset() {
    memory.stopFeeding()
    if let functions = settings["sense.functions.on"] { settings["sense.functions"] = functions }
    filter = AveragingFilter(settings)
    if settings["buffer.fill"] != nil {
      // Clearing takes effect at once.
      memory.clear()
      memory.feedEndlessly(settings.count("buffer.points", most: Self.mostStored))
    }
    circuit.touch()
  }

  func set(_ name: String, _ value: SettingValue) throws(ChannelFault) {
    defer { circuit.touch() }
    defer {
      if ["average", "measure.filter", "sense"].contains(where: name.hasPrefix) {
        filter = AveragingFilter(settings)
      }
      if name == "line_frequency" {
        let word = Double(settings.word(name))
        lineFrequency = word ?? settings.number(name)
      }
    }
    if name == "source.mode.of_voltage" || name == "output" { swept = nil }
    if name == "output" {
      // High-Z switches the output off (2600BS-901-01, 9-249).
      settings["output.open"] = .word(value == .word("high_z") ? "on" : "off")
      settings[name] = value == .word("on") ? value : .word("off")
      return
    }
    if let functions = SenseFunctions.settings(of: name, value, before: settings) {
      for (name, value) in functions { settings[name] = value }
      return
    }
    guard case .number(let number) = value else {
      settings[name] = value
      if name == "buffer.control" {
        value == .word("next")
          ? memory.feed(settings.count("buffer.points", most: Self.mostStored))
          : memory.stopFeeding()
      }
      return
    }
    if name == "buffer.points", settings["buffer.fill"] != nil {
      settings[name] = value
      memory.clear()
      memory.feedEndlessly(settings.count(name, most: Self.mostStored))
    }
    // Setting a delay disables the automatic one (2400S-900-01, 18-82).
    if name == "source.delay" { settings["source.delay_auto"] = .word("off") }
    let parts = name.split(separator: ".")
    guard let quantity = parts.last, let ranges = ranges(quantity), parts.count >= 2 else {
      settings[name] = value
      return
    }
    switch "\(parts[0])\(parts.count > 2 ? ".\(parts[1])" : "")" {
    case "source.level":
      let range = "source.range.\(quantity)"
      if abs(number) > settings.number(range) * headroom {
        guard settings.isOn("source.autorange.\(quantity)") else { throw .outOfRange }
        settings[range] = .number(try covering(number, ranges))
      }
      settings[name] = value
    case "source.range":
      let range = try covering(number, ranges)
      settings[name] = .number(range)
      settings["source.autorange.\(quantity)"] = .word("off")
      let level = settings.number("source.level.\(quantity)")
      if abs(level) > range {
        settings["source.level.\(quantity)"] = .number(level < 0 ? -range : range)
      }
    case "measure.range":
      settings[name] = .number(try covering(number, ranges))
      settings["measure.autorange.\(quantity)"] = .word("off")
    case "limit":
      let isFixed = !settings.isOn("measure.autorange.\(quantity)")
      let share =
        model.numbers["compliance_share"] ?? (isFixed ? model.numbers["limit_share"] : nil) ?? 0
      let least = settings.number("measure.range.\(quantity)") * share
      guard abs(number) >= least else { throw .belowRange }
      settings[name] = value
    default:
      settings[name] = value
    }
  }

  private func ranges(_ quantity: Substring) -> [Double]? {
    switch quantity {
    case "voltage": model.voltageRanges
    case "current": model.currentRanges
    default: nil
    }
  }

  /// The smallest range that covers a value.
  private func covering(_ value: Double, _ ranges: [Double]) throws(ChannelFault) -> Double {
    guard let range = ranges.first(where: { abs(value) <= $0 * headroom }) else {
      throw .outOfRange
    }
    return range
  }

  // MARK: Measuring

  func act(_ name: String) throws(ChannelFault) -> Bool {
    switch name {
    case "initiate":
      guard settings.isOn("output") || settings["output.auto_on"] != nil else { throw .outputOff }
      try switchingOutput { () throws(ChannelFault) in try trigger() }
    case "clear_buffer": memory.clear()
    case "output_off": try set("output", .word("off"))
    case "sense_all": settings["sense.functions"] = .list(["voltage", "current", "resistance"])
    case "sense_more": try set("sense.functions.on", .list(["voltage", "current", "resistance"]))
    case "sense_none": try set("sense.functions.off", .list(["voltage", "current", "resistance"]))
    default: return false
    }
    return true
  }

  func answer(_ query: String) throws(ChannelFault) -> [SettingValue]? {
    switch query {
    case "tripped": return [.word(isTripped ? "on" : "off")]
    case "measure", "measure_anyway":
      try switchingOutput { () throws(ChannelFault) in try trigger(waits: true) }
      return memory.latest
    case "spot":
      // A triggered measurement leaves the output unchanged.
      memory.begin()
      memory.add(try measure())
      return memory.latest
    case "measure_on":
      // MEASure? turns the output on (2400S-900-01, 18-72).
      try set("output", .word("on"))
      try trigger()
      return memory.latest
    case "measure_voltage", "measure_current", "measure_resistance":
      // With a function, it measures only that one, once.
      settings["sense.functions"] = .list([String(query.dropFirst("measure_".count))])
      for count in ["trigger.count", "arm.count"] { settings[count] = .number(1) }
      for source in Self.triggerSources { settings[source] = .word("immediate") }
      return try answer("measure_on")
    case "sense_voltage", "sense_current", "sense_resistance":
      settings["sense.functions"] = .list([String(query.dropFirst("sense_".count))])
      return try answer("measure_anyway")
    case "line_frequency": return [.number(lineFrequency)]
    case "buffer_count": return [.number(Double(memory.stored.count / 4))]
    case "latest": return memory.latest
    case "buffer": return Array(memory.stored)
    // Bit 0: the voltage limit; bit 1: the current limit (2600BS-901-01, status model).
    case "measurement_condition":
      let bit = settings.word("source.function") == "current" ? 1.0 : 2.0
      return [.number(isTripped ? bit : 0)]
    default: return nil
    }
  }

  /// Whether the output is in compliance.
  var isTripped: Bool { circuit.state(of: self).limited }

  /// Maximum capacity of a buffer.
  private static let mostStored = 1_000_000

  func takeEvents() -> Int { memory.takeEvents() }

  /// Runs `body` with the output switched on before and off afterwards, if so configured
  /// (B2910-90030, OUTPut subsystem).
  private func switchingOutput(_ body: () throws(ChannelFault) -> Void) throws(ChannelFault) {
    if settings.isOn("output.auto_on") { try set("output", .word("on")) }
    try body()
    if settings.isOn("output.auto_off") { try set("output", .word("off")) }
  }

  /// Takes one reading: volts, amperes, lab time at its start, and 1 for compliance. Lab time
  /// advances by the integration time.
  func measure() throws(ChannelFault) -> [SettingValue] {
    let begin = circuit.time
    var (reading, isLimited) = try convert()
    if filter != nil {
      var conversions = [reading]
      while conversions.count < filter!.conversions { conversions.append(try convert().0) }
      reading = filter!.reading(conversions)
    }
    return [
      .number(fitted(reading.volts, "voltage")), .number(fitted(reading.amperes, "current")),
      .number(begin), .number(isLimited ? 1 : 0),
    ]
  }

  /// One conversion, and whether the output was in compliance.
  private func convert() throws(ChannelFault) -> ((volts: Double, amperes: Double), Bool) {
    let state = circuit.state(of: self)
    guard circuit.spend() else { throw .exhausted }
    circuit.advance(settings.number("measure.nplc") / lineFrequency)
    let current = sign * state.current + (noise > 0 ? noise * random.normal() : 0)
    return ((sign * state.voltage, current), state.limited)
  }

  private func fitted(_ value: Double, _ quantity: String) -> Double {
    if settings.isOn("measure.autorange.\(quantity)") { return value }
    // The sourced quantity is measured on the source range.
    let sourced = settings.word("source.function") == quantity
    let range = settings.number(sourced ? "source.range.\(quantity)" : "measure.range.\(quantity)")
    return range == 0 || abs(value) <= range * headroom
      ? value : value > 0 ? Self.overflow : -Self.overflow
  }
}

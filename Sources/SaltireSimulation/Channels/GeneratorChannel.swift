import SaltireInstruments

/// A channel of a function generator.
///
/// Effective settings: `function` (pulse, square, dc; others stay at their offset),
/// `level.high`/`.low`, `polarity`, `load`, `period`, `pulse.width`,
/// `burst.state`/`.mode`/`.cycles`, `trigger.delay`, `arb.codes`/`.rate`,
/// `limit.state`/`.high`/`.low`, `am.state`, `output`. A
/// triggered burst idles at the start of the waveform, or at the level of `burst.idle` (top,
/// center, bottom), before any inversion; inverting a waveform exchanges its two levels. Of
/// modulation only the half amplitude is simulated that it has where its signal is 0.
final class GeneratorChannel: ChannelModel {
  var settings = Settings()
  private let model: Definition.Model
  /// The circuit, which owns the channel.
  private unowned let circuit: Circuit
  /// When the burst or waveform started; nil before the first trigger.
  private var begin: Double?
  private var waveform = Waveform.initial

  /// Output resistance in ohms.
  private static let sourceResistance = 50.0

  /// 1, or -1 for one with the opposite polarity.
  private let sign: Double

  init(model: Definition.Model, circuit: Circuit, flaw: ChannelFlaw = ChannelFlaw()) {
    sign = flaw.sign
    self.model = model
    self.circuit = circuit
  }

  // MARK: Circuit

  func drive(at time: Double) -> Drive {
    guard settings.isOn("output") else { return .open }
    // Levels refer to the configured load.
    let gain = Self.gain(settings.number("load"))
    return .behind(sign * level(at: time) * gain, ohms: Self.sourceResistance)
  }

  func edge(after time: Double) -> Double? {
    guard settings.isOn("output"), let begin else { return nil }
    if isArbitrary {
      return waveform.change(after: time - begin, rate: rate, cycles: cycles).map { begin + $0 }
    }
    guard isPulsed else { return nil }
    let period = settings.number("period")
    guard period > 0 else { return nil }
    // The next edge: start or end of a pulse.
    var cycle = max(0, ((time - begin) / period).rounded(.down) - 1)
    while cycle < cycles {
      let start = begin + cycle * period
      if start > time { return start }
      let end = start + high
      if end > time { return end }
      cycle += 1
    }
    // After the last cycle it idles.
    let over = begin + cycles * period
    return over.isFinite && over > time ? over : nil
  }

  private var isPulsed: Bool { ["pulse", "square"].contains(settings.word("function")) }

  private var isArbitrary: Bool { settings.word("function") == "arbitrary" }

  /// Points per second.
  private var rate: Double { settings.number("arb.rate") }

  /// Pulse width in seconds.
  private var high: Double {
    settings.word("function") == "pulse"
      ? settings.number("pulse.width")
      : settings.number("period") * settings.number("square.duty") / 100
  }

  private var cycles: Double {
    settings.isOn("burst.state") && settings.word("burst.mode") != "infinite"
      ? settings.number("burst.cycles") : .infinity
  }

  private func level(at time: Double) -> Double {
    var (high, low) = (settings.number("level.high"), settings.number("level.low"))
    if settings.isOn("am.state") {
      (high, low) = ((3 * high + low) / 4, (high + 3 * low) / 4)
    }
    let isInverted = settings.word("polarity") == "inverted"
    if isArbitrary {
      let elapsed = begin.map { time - $0 } ?? -1
      let value = waveform.value(at: elapsed, rate: rate, cycles: cycles)
      return (high + low) / 2 + (isInverted ? -value : value) * (high - low) / 2
    }
    guard isPulsed else { return (high + low) / 2 }
    if isIdle(at: time), settings.word("burst.idle") == "center" { return (high + low) / 2 }
    let isHigh =
      isIdle(at: time) ? settings.word("burst.idle") == "top" : isActive(at: time)
    return isHigh != isInverted ? high : low
  }

  /// Whether it is waiting for a trigger.
  private func isIdle(at time: Double) -> Bool {
    guard settings.isOn("burst.state") else { return false }
    guard let begin else { return true }
    return time < begin || time >= begin + settings.number("period") * cycles
  }

  /// Whether a pulse is on, in the waveform before any inversion.
  private func isActive(at time: Double) -> Bool {
    guard let begin, time >= begin else { return false }
    let period = settings.number("period")
    guard period > 0 else { return false }
    let cycle = ((time - begin) / period).rounded(.down)
    // Uses the same arithmetic as the edges, so that both agree to the bit.
    for candidate in [cycle - 1, cycle, cycle + 1] where candidate >= 0 && candidate < cycles {
      let start = begin + candidate * period
      if time >= start, time < start + high { return true }
    }
    return false
  }

  // MARK: Settings

  func hasReset() {
    begin = nil
    settle()
  }

  func set(_ name: String, _ value: SettingValue) throws(ChannelFault) {
    // A rejected command may have changed settings in part.
    defer { settle() }
    switch (name, value) {
    case ("level.high", .number(let high)):
      try setLevels(high, settings.number("level.low"), keeps: .high)
    case ("level.low", .number(let low)):
      try setLevels(settings.number("level.high"), low, keeps: .low)
    case ("amplitude", .number(let amplitude)):
      let fitting = min(amplitude, bounds.most - bounds.least)
      let moved = center(offset, within: bounds, amplitude: fitting)
      let hasMoved = moved != offset
      setLevels(around: moved, fitting)
      if fitting != amplitude { throw .outOfRange }
      if hasMoved { throw .conflict("offset changed due to amplitude") }
    case ("offset", .number(let offset)):
      let moved = center(offset, within: bounds, amplitude: amplitude)
      setLevels(around: moved, amplitude)
      if moved != offset { throw .outOfRange }
    case ("frequency", .number(let frequency)):
      try set("period", .number(1 / frequency))
    case ("arb.codes", .text(let text)):
      guard let loaded = Waveform(codes: text) else { throw .outOfRange }
      waveform = loaded
      settings[name] = value
    case ("function", _):
      // Aborts output in progress; in burst mode waits for a trigger.
      begin = settings.isOn("burst.state") ? nil : circuit.time
      settings[name] = value
      try fitWidth()
    case ("period", _), ("pulse.width", _):
      settings[name] = value
      try fitWidth()
    case ("pulse.duty", .number(let percent)):
      try set("pulse.width", .number(settings.number("period") * percent / 100))
    case ("output", .word(let state)):
      settings[name] = value
      if state == "on", !settings.isOn("burst.state") { begin = circuit.time }
    case ("burst.state", .word(let state)):
      settings[name] = value
      begin = state == "on" || !settings.isOn("output") ? nil : circuit.time
    case ("load", .number(let load)):
      guard !settings.isOn("limit.state") else { throw .conflict("voltage limits enabled") }
      // The voltage at the terminal is unchanged; the displayed value changes.
      let old = settings.number("load")
      let factor = Self.gain(old) / Self.gain(load)
      settings[name] = value
      for level in ["level.high", "level.low"] {
        settings[level] = .number(settings.number(level) * factor)
      }
    default: settings[name] = value
    }
  }

  /// Updates dependent settings.
  private func settle() {
    settings["amplitude"] = .number(amplitude)
    settings["offset"] = .number(offset)
    let period = settings.number("period")
    if period > 0 {
      settings["frequency"] = .number(1 / period)
      settings["pulse.duty"] = .number(settings.number("pulse.width") / period * 100)
    }
    circuit.touch()
  }

  private static func gain(_ load: Double) -> Double {
    load > 1e6 ? 1 : (load + sourceResistance) / load
  }

  private var amplitude: Double { settings.number("level.high") - settings.number("level.low") }

  private var offset: Double { (settings.number("level.high") + settings.number("level.low")) / 2 }

  /// The range that the output stage and the limits (if on) allow.
  private var bounds: (least: Double, most: Double) {
    let most = (model.voltageRanges.last ?? 0) / Self.gain(settings.number("load"))
    guard settings.isOn("limit.state") else { return (-most, most) }
    return (
      max(-most, settings.number("limit.low")), min(most, settings.number("limit.high"))
    )
  }

  /// The offset nearest to `offset` that is compatible with an amplitude.
  private func center(
    _ offset: Double, within bounds: (least: Double, most: Double), amplitude: Double
  ) -> Double {
    min(max(offset, bounds.least + amplitude / 2), bounds.most - amplitude / 2)
  }

  private func setLevels(around offset: Double, _ amplitude: Double) {
    settings["level.high"] = .number(offset + amplitude / 2)
    settings["level.low"] = .number(offset - amplitude / 2)
  }

  private enum Kept { case high, low }

  /// How far one level displaces the other, in volts.
  private static let step = 0.001

  /// Sets the levels within the limits. A level beyond them is clipped; a level on the wrong side
  /// of the other moves that one 1 mV away. Both are reported as errors (33500 Series guide, page
  /// 215).
  private func setLevels(_ high: Double, _ low: Double, keeps kept: Kept) throws(ChannelFault) {
    let (least, most) = bounds
    var (newHigh, newLow) = (min(max(high, least), most), min(max(low, least), most))
    let isClipped = newHigh != high || newLow != low
    let isCrossed = newHigh <= newLow
    if isCrossed {
      switch kept {
      case .high:
        (newHigh, newLow) = (max(newHigh, least + Self.step), max(newHigh - Self.step, least))
      case .low: (newHigh, newLow) = (min(newLow + Self.step, most), min(newLow, most - Self.step))
      }
    }
    settings["level.high"] = .number(newHigh)
    settings["level.low"] = .number(newLow)
    if isClipped { throw .outOfRange }
    if isCrossed { throw .conflict("high level must be greater than low level") }
  }

  /// A pulse must end before its period, by at least the minimum pulse width.
  private func fitWidth() throws(ChannelFault) {
    let longest = settings.number("period") - (model.numbers["width_min"] ?? 0)
    guard settings.word("function") == "pulse", settings.number("pulse.width") > longest else {
      return
    }
    settings["pulse.width"] = .number(longest)
    throw .conflict("pulse width decreased due to period")
  }

  // MARK: Triggers

  func act(_ name: String) throws(ChannelFault) -> Bool {
    switch name {
    case "trigger":
      trigger()
      return true
    case "abort":
      begin = nil
      circuit.touch()
      return true
    case "clear_waveforms":
      waveform = .initial
      circuit.touch()
      return true
    case "clear_text":
      settings["display.text"] = .text("")
      return true
    default: return false
    }
  }

  func answer(_ query: String) throws(ChannelFault) -> [SettingValue]? { nil }

  func externalTrigger() {
    if settings.word("trigger.source") == "external" { trigger() }
  }

  /// Starts a burst after the trigger delay if the channel is waiting for a trigger.
  private func trigger() {
    guard settings.isOn("burst.state"), settings.word("burst.mode") != "gated",
      settings.isOn("output")
    else { return }
    let length =
      isArbitrary ? Double(waveform.points.count) / rate : settings.number("period")
    if let begin, circuit.time < begin + length * cycles { return }
    begin = circuit.time + settings.number("trigger.delay")
    circuit.touch()
  }
}

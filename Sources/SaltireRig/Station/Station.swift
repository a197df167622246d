import Foundation
public import SaltireCore
public import SaltireInstruments
public import SaltireLinks
public import SaltirePrograms

/// The instruments of a bench file, and which channel drives which terminal.
public struct Station: Sendable {
  /// One instrument.
  public struct Entry: Sendable {
    public var name: String
    public var resource: Resource
    public var definition: Definition
    public var model: Definition.Model
    /// The serial number that it must have; nil for any.
    public var serial: String?
    /// The terminals that the devices are on, of an instrument with two sets.
    public var side = Side.front
    /// The place of its resource name in the bench file.
    public var location: SourceLocation?
  }

  /// The channel behind a terminal, and its configuration.
  public struct Channel: Sendable {
    public var instrument: String
    public var name: String
    /// The largest |V| it may source, in volts; sets its range.
    public var voltage: Double
    /// Compliance and measurement range, amperes; nil for generators.
    public var current: Double?

    /// The range of its levels.
    var limit: Limit { Limit(.terminalVoltage, upTo: Located(voltage)) }
  }

  /// One of the two sets of terminals that some instruments switch between.
  public enum Side: String, Sendable, CaseIterable {
    case front, rear
  }

  /// The state of gates between pulses.
  public enum Idle: String, Sendable, CaseIterable {
    /// Held at 0 V.
    case ground
    /// Open circuit, so that the cell keeps its charge.
    case float
  }

  public internal(set) var instruments: [Entry]
  public internal(set) var channels: [Terminal: Channel]
  /// The GPIB adapters, by board.
  public internal(set) var adapters: [UInt8: Adapter] = [:]
  /// The engine choice.
  public internal(set) var engine = Engine.best
  /// The trigger lines between instruments.
  public internal(set) var lines: [TriggerLine] = []
  /// Mains frequency in hertz, for integration times in power-line cycles.
  public internal(set) var mains = 50.0
  /// The limits on everything that is sent.
  let limits: Limits
  /// The control socket of a lab that another process simulates.
  public internal(set) var clock: Resource?

  /// Whether all of it is simulated in this process.
  public var isSimulated: Bool {
    instruments.allSatisfy { if case .simulated = $0.resource { true } else { false } }
  }

  /// Instruments of one model without a serial number: if their addresses were exchanged, nothing
  /// would tell.
  public var alike: [[Entry]] {
    if isSimulated || clock != nil { return [] }
    return Dictionary(grouping: instruments, by: \.model.name).values
      .filter { $0.count > 1 && $0.contains { $0.serial == nil } }
      .sorted { $0[0].name < $1[0].name }
  }

  /// The instrument behind a terminal.
  public func entry(for terminal: Terminal) -> Entry? {
    guard let channel = channels[terminal] else { return nil }
    return instruments.first { $0.name == channel.instrument }
  }
}

/// The definitions that a bench file may name.
package protocol DefinitionShelf {
  /// The definition and the model with this name; nil if there is none or it has faults.
  func find(_ name: String) -> (definition: Definition, model: Definition.Model)?
  /// All definitions without faults.
  func library() -> InstrumentLibrary
}

extension Station {
  /// Reads `instruments`, `adapters`, `terminals` and `clock` of a bench file.
  ///
  /// - Parameter shelf: the available definitions.
  package init(
    _ reader: Reader, wiring: Wiring, limits: Limits, shelf: some DefinitionShelf
  ) {
    self.limits = limits
    instruments = []
    channels = [:]
    let section = reader.section(Keys.instruments)
    for name in section.keys {
      guard let entry = Self.entry(name, section.section(Keys.instrument.named(name)), shelf) else {
        continue
      }
      if case .simulated = entry.resource {
      } else if let other = instruments.first(where: { $0.resource == entry.resource }) {
        section.report(
          Diagnostic("\(name) has the address of \(other.name)", at: entry.location))
      }
      instruments.append(entry)
    }
    readAdapters(reader)
    readTriggers(reader)
    clock = reader.optional(Keys.clock).flatMap { section.resource($0) }
    let simulated = instruments.count { if case .simulated = $0.resource { true } else { false } }
    if simulated > 0, simulated < instruments.count {
      section.report(
        Diagnostic(
          "simulated and real instruments cannot share a bench", at: section.location,
          hints: ["simulated time and wall-clock time would diverge"]))
    }
    let terminals = reader.section(Keys.terminals)
    for terminal in wiring.terminals {
      let key = Keys.terminal.named(terminal.name)
      guard terminals.has(key) else {
        terminals.conclude(
          Diagnostic(
            "the terminal \(terminal) has no channel", at: terminals.location,
            hints: ["\(terminal): { channel: smu1.smua, voltage: 5 V, current: 10 uA }"]))
        continue
      }
      read(terminal, terminals.section(key), isGate: wiring.isGate(terminal), limits)
    }
    engine = reader[Keys.engine].value
    mains = reader[Keys.mains].value
    refuseFloating(reader[Keys.idle], reader, wiring)
  }

  /// Gates are held at 0 V between pulses; a bench file that asks for floating gates must be
  /// refused.
  private func refuseFloating(_ idle: Located<Idle>, _ reader: Reader, _ wiring: Wiring) {
    guard idle.value == .float else { return }
    let generators = wiring.sites.filter {
      entry(for: $0.gate)?.definition.role == .pulseSource
    }
    reader.report(
      Diagnostic(
        generators.isEmpty
          ? "floating gates between pulses are not supported yet"
          : "\(generators[0].gate) cannot float: a pulse generator holds it at its idle level"
            + " through 50 ohms",
        at: idle.location, hints: ["idle: ground holds gates at 0 V between pulses"]))
  }

  private static func entry(
    _ name: String, _ reader: Reader, _ shelf: some DefinitionShelf
  ) -> Entry? {
    let text = reader[Keys.resource]
    let serial = reader.optional(Keys.serial)?.value
    let side = reader[Keys.side].value
    let line = LineSettings(reader)
    guard let resource = reader.resource(text) else {
      _ = reader.has(Keys.family)
      return nil
    }
    let family: Located<String>
    if case .simulated(let name) = resource {
      family = Located(name, at: text.location)
    } else {
      family = reader[Keys.family]
    }
    if family.value.isEmpty { return nil }
    guard let (definition, model) = shelf.find(family.value) else {
      let library = shelf.library()
      guard library.faults(for: family.value).isEmpty else { return nil }
      reader.report(
        Diagnostic(
          "there is no definition for '\(family.value)'", at: family.location,
          hints: [library.hint(for: family.value)]))
      return nil
    }
    if let reason = definition.refusal {
      reader.report(
        Diagnostic(
          "a bench cannot use a \(model.name): \(reason)", at: family.location,
          hints: ["'saltire simulate \(family.value)' serves a simulated one to other programs"]))
      return nil
    }
    if let fault = line.fault(at: resource) {
      reader.report(Diagnostic(fault, at: reader.location))
    }
    let whole = linked(reader, definition, model)
    return Entry(
      name: name, resource: resource, definition: whole.definition.with(line), model: whole.model,
      serial: serial, side: side, location: text.location)
  }

  private mutating func read(
    _ terminal: Terminal, _ reader: Reader, isGate: Bool, _ limits: Limits
  ) {
    let place = reader[Keys.channel]
    let voltage =
      reader.optional(Keys.voltage) ?? Located(limits.gateVoltage.value, at: reader.location)
    let current = reader.optional(Keys.current)
    let parts = place.value.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, let entry = instruments.first(where: { $0.name == parts[0] }) else {
      if instruments.isEmpty { return }
      let names = instruments.map { "\($0.name).\($0.model.channels[0])" }
      reader.conclude(
        Diagnostic(
          "'\(place.value)' is not a channel of an instrument of this bench", at: place.location,
          hints: ["give instrument and channel, for example \(names[0])"]))
      return
    }
    guard entry.model.channels.contains(parts[1]) else {
      reader.report(
        Diagnostic(
          "a \(entry.model.name) has no channel '\(parts[1])'", at: place.location,
          hints: ["channels: \(entry.model.channels.joined(separator: ", "))"]))
      return
    }
    if channels.values.contains(where: { $0.instrument == parts[0] && $0.name == parts[1] }) {
      reader.conclude(
        Diagnostic("the channel \(place.value) is used twice", at: place.location))
    }
    if !Limit(.terminalVoltage, upTo: limits.gateVoltage).allows(voltage.value) {
      reader.conclude(
        Diagnostic(
          "\(terminal) is configured for \(Quantity(voltage.value, .volt)), which exceeds the"
            + " gate limit of \(Quantity(limits.gateVoltage.value, .volt))",
          at: voltage.location,
          hints: [
            "a gate sees the full voltage when its other line fails: lower it, or raise"
              + " limits.gate.voltage"
          ]))
    }
    let highest = entry.model.voltageRanges.last ?? 0
    if !(voltage.value <= highest) {
      reader.report(
        Diagnostic(
          "\(Quantity(voltage.value, .volt)) is more than a \(entry.model.name) can source",
          at: voltage.location, hints: ["up to \(Quantity(highest, .volt))"]))
    }
    switch entry.definition.role {
    case .sourceMeter:
      if current == nil {
        reader.report(
          Diagnostic(
            "the terminal \(terminal) has no current limit", at: reader.location,
            hints: [
              "for example current: 10 uA, which sets the compliance and the measurement range"
            ]))
      } else if let current, current.value > entry.model.currentRanges.last ?? 0 {
        reader.report(
          Diagnostic(
            "\(Quantity(current.value, .ampere)) is more than a \(entry.model.name) can measure",
            at: current.location))
      }
    case .pulseSource:
      if !isGate {
        reader.report(
          Diagnostic(
            "rows and drains need a source meter, but \(entry.name) is a \(entry.model.name)",
            at: place.location))
      }
    case .switch:
      reader.report(
        Diagnostic(
          "\(entry.name) is a switch, which cannot drive a terminal", at: place.location))
    }
    channels[terminal] = Channel(
      instrument: parts[0], name: parts[1], voltage: voltage.value, current: current?.value)
  }
}

extension Reader {
  /// The resource name in a text; reports an error if it is not one.
  func resource(_ text: Located<String>) -> Resource? {
    if text.value.isEmpty { return nil }
    do throws(ResourceError) {
      return try Resource(parsing: text.value)
    } catch {
      report(Diagnostic(error.message, at: text.location, hints: error.hints))
      return nil
    }
  }
}

extension Station {
  /// The configuration of each terminal's channel.
  package var ratings: [Terminal: ChannelRating] {
    channels.mapValues {
      ChannelRating("\($0.instrument).\($0.name)", voltage: $0.voltage, current: $0.current)
    }
  }
}

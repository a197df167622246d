public import SaltireCore
public import SaltireLinks

/// One instrument family as data: its identity, its commands as in the manual, and how it performs
/// the verbs of its role.
public struct Definition: Sendable {
  /// The command language.
  public enum Dialect: String, Sendable, CaseIterable {
    /// Standard Commands for Programmable Instruments over IEEE 488.2.
    case scpi
    /// Keithley's Test Script Processor: Lua.
    case tsp
    /// Commands that may occur anywhere in a line, the first of the tree winning, without an error
    /// queue; for simulation only.
    case lines
  }

  /// The role of the instrument.
  public enum Role: String, Sendable, CaseIterable {
    case sourceMeter = "source_meter"
    case pulseSource = "pulse_source"
    /// Connects terminals to channels, and disconnects them.
    case `switch`

    /// The required verbs, with their arguments besides `ch`.
    var verbs: [String: Set<String>] {
      switch self {
      case .sourceMeter:
        [
          "on": [], "off": [], "level": ["level"], "integration": ["cycles"], "safe": [],
        ]
      case .pulseSource:
        [
          "on": [], "off": [], "up": ["level", "least"], "down": ["level", "least"],
          "width": ["width", "period"], "trigger": [], "safe": [],
        ]
      case .switch: ["close": ["relays"], "open": ["relays"], "safe": []]
      }
    }

    /// The required queries.
    var queries: Set<String> {
      switch self {
      case .sourceMeter: ["output", "current", "tripped"]
      case .pulseSource: ["output"]
      case .switch: ["closed"]
      }
    }

    /// The arguments of arming besides `ch`.
    var limits: Set<String> {
      switch self {
      case .sourceMeter: ["voltage_range", "current_range", "current", "mains", "side"]
      case .pulseSource: ["voltage", "width", "period"]
      case .switch: []
      }
    }
  }

  /// A setting that is made with the output off, read back and compared.
  public struct Setting: Sendable {
    /// Nil if it is only asked and compared.
    public var set: Template?
    public var get: Template
    /// The required reply: a number, to one part in a thousand, or a word.
    public var expected: Template
    /// The minimum number of channels of models that have it.
    public var channels: Int
    /// Models of the family without it.
    public var missing: [String]

    /// Whether a model has it.
    public func isOf(_ model: Model) -> Bool {
      channels <= model.channels.count && !missing.contains(model.name)
    }
  }

  /// A condition that must hold before an instrument can be used, and that saltire does not change;
  /// checked when connecting.
  public struct Requirement: Sendable {
    public var question: String
    /// The required reply.
    public var expected: String
    /// What to do if the condition does not hold.
    public var advice: String
  }

  /// One model of the family.
  public struct Model: Sendable {
    public var name: String
    public var channels: [String]
    /// Source ranges in volts, ascending.
    public var voltageRanges: [Double]
    /// Measurement ranges in amperes, ascending; empty for generators.
    public var currentRanges: [Double]
    /// Other numbers that the tree refers to by name, in base units.
    public var numbers: [String: Double]
  }

  /// Folder and file name: keithley/2600b.
  public let name: String
  public let title: String
  public let dialect: Dialect
  public let role: Role
  /// Why a bench cannot use it; nil if it can. Such a family can only be simulated for other
  /// programs, and its file lacks what a bench needs.
  public let refusal: String?
  public let models: [Model]
  /// The message terminator in both directions on byte streams; see ``terminator(over:)``.
  public internal(set) var terminator: UInt8
  /// The manufacturer names in `*IDN?` replies.
  let manufacturers: [String]
  /// The second field of the `*IDN?` reply.
  let modelField: Template
  /// The whole reply, for the simulation.
  public let identityReply: Template
  /// The USB ids; empty without USB.
  public let usb: [USBIdentifier]
  public let quirks: Set<USBTMCQuirk>
  /// The settings of its serial port.
  public internal(set) var serial: SerialSettings
  /// Aborts whatever is running, before the safe sequence; sent without waiting for a reply.
  public let abort: [String]
  public let arm: [Setting]
  /// Why settings cannot matter to a run, by the name of the setting or of a group of them.
  public let indifferent: [String: String]
  /// In the order in which they are checked.
  public internal(set) var requirements: [Requirement]
  public let verbs: [String: [Template]]
  public let queries: [String: Template]
  /// The reply to the query `output` when it is off; for a switch, the reply to `closed` when
  /// nothing is closed.
  public let offReply: String
  /// Timeout of a plain query, in seconds.
  public let patience: Double
  /// Seconds to wait after a setting, for an instrument that may lose a command that follows too
  /// soon; 0 for all others.
  public let pace: Double
  /// The TCP port whose closing ends every connection, for an instrument whose socket a dead
  /// connection may occupy.
  public let deadSocket: UInt16?
  public let tree: [CommandNode]
  /// Settings that no command changes.
  public let fixed: [String: Double]
  /// What it can time by itself.
  public let engines: Engines
  /// The format of its numbers and errors (SCPI).
  public let style: Style
  /// The capacity of its error queue.
  public let errorQueue: Int
  /// Named constants in scripts (TSP).
  public let constants: [String: Double]

  /// Whether a file means to define a family of instruments.
  public static func isDefinition(_ document: Document) -> Bool {
    Reader(document).has(Keys.role)
  }

  /// Reads a definition file.
  ///
  /// - Parameters:
  ///   - document: the file.
  ///   - name: the family's name: folder and file.
  /// - Throws: `Diagnostics` with every fault, for example a missing verb of its role or a missing
  ///   safe sequence.
  public init(_ document: Document, name: String) throws(Diagnostics) {
    self.name = name
    let reader = Reader(document)
    title = reader[Keys.title].value
    dialect = reader[Keys.dialect].value
    role = reader[Keys.role].value
    refusal = reader.section(Keys.bench).optional(Keys.refused)?.value
    let isUsable = refusal == nil
    if isUsable, dialect == .lines {
      reader.report(
        Diagnostic(
          "a bench cannot use a family of this dialect", at: reader.location,
          hints: ["state the reason: bench: { refused: REASON }"]))
    }
    terminator = reader[Keys.terminator].value.byte
    let identity = reader.section(Keys.identity)
    // What is on no bench may say who it is in a form of its own.
    manufacturers =
      (isUsable
      ? identity[Keys.manufacturers] : identity.optional(Keys.manufacturers) ?? Located([]))
      .value.map(\.value)
    modelField = Template(
      (isUsable ? identity[Keys.modelField].value : identity.optional(Keys.modelField)?.value) ?? ""
    )
    identityReply = Template(identity[Keys.reply].value)
    patience = reader[Keys.patience].value
    pace = reader[Keys.pace].value
    deadSocket = reader.optional(Keys.deadSocket).map { UInt16($0.value) }
    let usb = reader.section(USBKeys.usb)
    self.usb = usb.usbIdentifiers()
    quirks = Set(usb[USBKeys.quirks].value)
    serial = SerialSettings(reader.section(SerialSettings.Keys.serial))
    abort = isUsable ? reader[Keys.abort].value.map(\.value) : []
    let models = reader.section(Keys.models)
    self.models = models.keys.map { Model($0, models.section(Keys.model.named($0))) }
    // Besides the limits of the bench, numbers that every model has.
    let numbers = self.models.map { Set($0.numbers.keys) }
    let values = role.limits.union(
      (numbers.first ?? []).filter { name in numbers.allSatisfy { $0.contains(name) } })
    arm = isUsable ? reader.list(Keys.arm).map { Setting($0, allowing: values) } : []
    let indifferent = reader.section(Keys.indifferent)
    self.indifferent = Dictionary(
      uniqueKeysWithValues: indifferent.keys.map { ($0, indifferent[Keys.reason.named($0)].value) })
    requirements = reader.list(Requirement.Keys.requires).map(Requirement.init)
    let verbs = isUsable ? reader.section(Keys.verbs) : nil
    self.verbs = Dictionary(
      uniqueKeysWithValues: role.verbs.sorted { $0.key < $1.key }.compactMap { verb, names in
        verbs.map { (verb, $0.templates(Keys.verb.named(verb), allowing: names)) }
      })
    let queries = isUsable ? reader.section(Keys.queries) : nil
    self.queries = Dictionary(
      uniqueKeysWithValues: role.queries.sorted().compactMap { query in
        queries.map { (query, $0.template(Keys.query.named(query), allowing: [])) }
      })
    offReply = queries?[Keys.off].value ?? ""
    let tree = reader.section(CommandNode.Keys.tree)
    self.tree = tree.keys.map {
      CommandNode($0, tree.section(CommandNode.Keys.command.named($0)))
    }
    fixed = reader.section(Keys.fixed).numbers(Keys.fixedValue)
    engines = Engines(reader.section(Engines.Keys.engines))
    style = Style(reader)
    errorQueue = reader[Keys.errorQueue].value
    constants = reader.section(Keys.constants).numbers(Keys.constant)
    try reader.finish()
  }

  /// The message terminator on a link. On message-based links it is LF, as IEEE 488.2 (7.5 and 8.5)
  /// requires, whatever it is on a serial port.
  public func terminator(over link: any Link) -> UInt8 {
    link.isMessageBased ? 10 : terminator
  }

  /// The model with this identity; nil if it belongs to another family.
  public func model(of identity: Identity) -> Model? {
    let manufacturer = identity.manufacturer.lowercased()
    guard manufacturers.contains(where: { $0.lowercased() == manufacturer }) else { return nil }
    return models.first {
      modelField.filled(["model": $0.name]).lowercased() == identity.model.lowercased()
    }
  }

  /// The model called `name`, ignoring case.
  public func model(named name: String) -> Model? {
    models.first { $0.name.lowercased() == name.lowercased() }
  }
}

extension Definition.Model {
  fileprivate init(_ name: String, _ reader: Reader) {
    self.name = name
    typealias Keys = Definition.Keys
    channels = reader[Keys.channels].value.map(\.value)
    voltageRanges = reader[Keys.voltageRanges].value
    currentRanges = reader[Keys.currentRanges].value
    numbers = reader.section(Keys.numbers).numbers(Keys.number)
  }
}

extension Definition.Setting {
  init(_ reader: Reader, allowing names: Set<String>, asking: Set<String> = []) {
    set = reader.has(Keys.set) ? reader.template(Keys.set, allowing: names) : nil
    get = reader.template(Keys.get, allowing: asking)
    expected = reader.template(Keys.expected, allowing: names)
    channels = reader[Keys.channels].value
    missing = reader[Engines.Keys.missing].value.map(\.value)
  }
}

extension Definition.Requirement {
  init(_ reader: Reader) {
    question = reader[Keys.question].value
    expected = reader[Keys.expected].value
    advice = reader[Keys.advice].value
  }
}

extension Reader {
  func template(_ key: Key<[Located<String>]>, allowing names: Set<String>) -> Template {
    templates(key, allowing: names).first ?? Template("")
  }

  /// Commands, which may contain `ch` and `names`.
  func templates(_ key: Key<[Located<String>]>, allowing names: Set<String>) -> [Template] {
    self[key].value.map { text in
      let template = Template(text.value)
      for argument in template.arguments where argument != "ch" && !names.contains(argument) {
        let known = names.union(["ch"]).sorted()
        report(
          Diagnostic(
            "unknown value '\(argument)'", at: text.location,
            hints: [
              suggestion(for: argument, among: known).map { "did you mean '\($0)'?" }
                ?? "values: \(known.joined(separator: ", "))"
            ]))
      }
      return template
    }
  }

  /// Numbers by the names that the file has for them.
  fileprivate func numbers(_ key: Key<Double>) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: keys.map { ($0, self[key.named($0)].value) })
  }
}

public import SaltireCore
public import SaltireLinks

/// What is known of one instrument family, as data: how it says who it is,
/// its commands as the manual prints them, and how it does what its role asks
/// of it.
public struct Definition: Sendable {
  /// The language it is spoken to in.
  public enum Dialect: String, Sendable, CaseIterable {
    /// Standard Commands for Programmable Instruments over IEEE 488.2.
    case scpi
    /// Keithley's Test Script Processor: Lua.
    case tsp
    /// Commands that are found anywhere in a line, the first of the tree, and
    /// no error queue; only simulated.
    case lines
  }

  /// What it is there for.
  public enum Role: String, Sendable, CaseIterable {
    case sourceMeter = "source_meter"
    case pulseSource = "pulse_source"
    /// Connects terminals to channels, and floats them.
    case `switch`

    /// The verbs it must have, with the values each is given besides `ch`.
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

    /// The questions it must answer.
    var queries: Set<String> {
      switch self {
      case .sourceMeter: ["output", "current", "tripped"]
      case .pulseSource: ["output"]
      case .switch: ["closed"]
      }
    }

    /// What arming is told besides `ch`.
    var limits: Set<String> {
      switch self {
      case .sourceMeter: ["voltage_range", "current_range", "current"]
      case .pulseSource: ["voltage", "width", "period"]
      case .switch: []
      }
    }
  }

  /// A setting that is made with the output off, asked back and compared.
  public struct Setting: Sendable {
    public var set: Template
    public var get: Template
    /// What must come back: a number, to a part in a thousand, or a word.
    public var expected: Template
    /// Only models of so many channels or more have it.
    public var channels: Int
  }

  /// Something that must be so before an instrument can be used, and that is
  /// not changed from here: it is asked when connecting.
  public struct Requirement: Sendable {
    public var question: String
    /// What must be answered.
    public var expected: String
    /// What to do where it is not so.
    public var advice: String
  }

  /// One type of the family.
  public struct Model: Sendable {
    public var name: String
    public var channels: [String]
    /// Of the sources, ascending, volts.
    public var voltageRanges: [Double]
    /// Of the meters, ascending, amperes; none for generators.
    public var currentRanges: [Double]
    /// Everything else that the tree refers to by name, base units.
    public var numbers: [String: Double]
  }

  /// The folder and the file's name: keithley/2600b.
  public let name: String
  public let title: String
  public let dialect: Dialect
  public let role: Role
  /// Why no bench may use it; nil where one may. Such a family is there to be
  /// simulated for other programs: its file says nothing that a bench would.
  public let refusal: String?
  public let models: [Model]
  /// What ends a message in either direction where bytes flow; see
  /// ``terminator(over:)``.
  public let terminator: UInt8
  /// The spellings of the manufacturer in `*IDN?`.
  let manufacturers: [String]
  /// The second field of `*IDN?`.
  let modelField: Template
  /// The whole reply, for the simulation.
  public let identityReply: Template
  /// The kinds of USB device that it is; none where it has no USB.
  public let usb: [USBIdentifier]
  public let quirks: Set<USBTMCQuirk>
  /// How its serial port is set.
  public let serial: SerialSettings
  /// Ends whatever runs, before the safe sequence; sent without an answer.
  public let abort: [String]
  public let arm: [Setting]
  /// In the order in which they are asked.
  public internal(set) var requirements: [Requirement]
  public let verbs: [String: [Template]]
  public let queries: [String: Template]
  /// What the query `output` answers when it is off; of a switch, the query
  /// `closed` when nothing is closed.
  public let offReply: String
  /// Seconds within which it answers a plain query.
  public let patience: Double
  /// Seconds of silence behind a setting, of one that takes one command a message
  /// and may lose it to the next; 0 of all others.
  public let pace: Double
  /// The TCP port whose closing ends every connection to it, of one whose socket
  /// may be held by a connection that died.
  public let deadSocket: UInt16?
  public let tree: [CommandNode]
  /// Settings that no command reaches.
  public let fixed: [String: Double]
  /// What it times by itself.
  public let engines: Engines
  /// How it writes and words things (SCPI).
  public let style: Style
  /// Entries that its error queue holds.
  public let errorQueue: Int
  /// Numbers that scripts know by name (TSP).
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
  /// - Throws: `Diagnostics` with every fault in it, a missing verb of its
  ///   role or safe sequence among them.
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
          "no bench can use a family of this dialect", at: reader.location,
          hints: ["bench: { refused: the reason }"]))
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
    arm = isUsable ? reader.list(Keys.arm).map { [role] in Setting($0, allowing: role.limits) } : []
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

  /// What ends a message over a link: on message-based ones LF, as the
  /// standard has it (IEEE 488.2, 7.5 and 8.5), whatever it is on a serial
  /// line.
  public func terminator(over link: any Link) -> UInt8 {
    link.isMessageBased ? 10 : terminator
  }

  /// The model that an instrument of this identity is; nil for one of another
  /// family.
  public func model(of identity: Identity) -> Model? {
    let manufacturer = identity.manufacturer.lowercased()
    guard manufacturers.contains(where: { $0.lowercased() == manufacturer }) else { return nil }
    return models.first {
      modelField.filled(["model": $0.name]).lowercased() == identity.model.lowercased()
    }
  }

  /// The model called `name`, in either case.
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
    set = reader.template(Keys.set, allowing: names)
    get = reader.template(Keys.get, allowing: asking)
    expected = reader.template(Keys.expected, allowing: names)
    channels = reader[Keys.channels].value
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

  /// Commands, which may name `ch` and `names`.
  func templates(_ key: Key<[Located<String>]>, allowing names: Set<String>) -> [Template] {
    self[key].value.map { text in
      let template = Template(text.value)
      for argument in template.arguments where argument != "ch" && !names.contains(argument) {
        let known = names.union(["ch"]).sorted()
        report(
          Diagnostic(
            "there is no value '\(argument)' here", at: text.location,
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

public import SaltireCore
import SaltireLinks

extension Definition {
  /// The keys of a definition file.
  public static let keys: [any DeclaredKey] =
    [
      Keys.title, Keys.dialect, Keys.role, Keys.bench, Keys.terminator, Keys.identity, Keys.models,
      Keys.patience, Keys.pace, Keys.deadSocket, USBKeys.usb, SerialSettings.Keys.serial,
      Keys.abort, Keys.arm, Keys.indifferent, Requirement.Keys.requires, Keys.verbs, Keys.queries,
      CommandNode.Keys.tree, Keys.fixed, Engines.Keys.engines, Keys.errorQueue, Keys.constants,
    ] + Style.Keys.all

  enum Keys {
    static let title = Key.text("title", "Name of the family.")
    static let dialect = Key<Dialect>.choice(
      "dialect", "Its language; `lines` is for simulation only.")
    static let role = Key<Role>.choice("role", "What it is there for.")
    static let bench = SectionKey(
      "bench", absent: "none", "What benches may do with it.", [refused])
    static let refused = Key.text(
      "refused", absent: "none",
      "Why no bench may use it; takes the place of `abort`, `arm`, `verbs` and `queries`.")
    static let terminator = Key.choice(
      "terminator", default: LineEnd.lf,
      "End of a message on byte streams; on GPIB and USB it is LF in any case.")
    static let patience = Key.quantity(
      "patience", .second, in: 0.01...1000, default: 2, "Within which it answers a plain query.")
    static let pace = Key.quantity(
      "pace", .second, in: 0...10, default: 0,
      "Silence behind each setting, of an instrument that takes one command a message.")
    static let deadSocket = Key.count(
      "dead_socket", in: 1...65_535, absent: "none",
      "TCP port whose closing ends every connection to it.")
    static let abort = Key.texts(
      "abort", form: "list of commands", absent: "none", when: onBenches,
      "Ends whatever runs, before the safe sequence.")
    static let arm = SectionKey.list(
      "arm", when: onBenches, "Settings that are made or asked with the outputs off.",
      Setting.Keys.all)
    static let indifferent = SectionKey(
      "indifferent", absent: "none",
      "Settings of the tree that cannot matter to a run, whatever others left in them.", [reason])
    static let reason = Key.text(
      "SETTING", absent: "", "Why it cannot, and all settings whose names begin with it and a dot.")
    static let verbs = SectionKey(
      "verbs", when: onBenches, "What a bench says while it runs; those of the role.", [verb])
    static let verb = Key.texts("VERB", form: "template or list", "How it is said.")
    static let queries = SectionKey(
      "queries", when: onBenches, "What a bench asks while it runs; those of the role.",
      [query, off])
    static let query = Key.texts("QUERY", form: "template", "How it is asked.")
    static let off = Key.text(
      "off", "What `output` (of a switch: `closed`) answers when it is off.")
    static let fixed = SectionKey(
      "fixed", absent: "none", "Settings that no command reaches.", [fixedValue])
    static let fixedValue = Key.number("SETTING", absent: "", "What it is.")
    static let errorQueue = Key.count(
      "error_queue", in: 1...10_000, default: 20, "Entries that its error queue holds.")
    static let constants = SectionKey(
      "constants", absent: "none", "Numbers that scripts know by name (TSP).", [constant])
    static let constant = Key.number("NAME", absent: "", "What it is.")

    static let identity = SectionKey(
      "identity", "What `*IDN?` says.", [manufacturers, modelField, reply])
    static let manufacturers = Key.texts(
      "manufacturers", form: "list", when: onBenches, "Spellings of the first field.")
    static let modelField = Key.text(
      "model", form: "template with `{model}`", when: onBenches, "The second field.")
    static let reply = Key.text(
      "reply", form: "template with `{model}`, `{serial}`", "The whole reply, for the simulation.")

    static let models = SectionKey("models", "The types of the family.", [model])
    static let model = SectionKey(
      "MODEL", absent: "", "One type.", [channels, voltageRanges, currentRanges, numbers])
    static let channels = Key.texts("channels", form: "list", "Names of its channels.")
    static let voltageRanges = Key.quantities(
      "voltage_ranges", .volt, form: "list of voltages, ascending", absent: "none",
      "Of the sources.")
    static let currentRanges = Key.quantities(
      "current_ranges", .ampere, form: "list of currents, ascending", absent: "none",
      "Of the meters; generators have none.")
    static let numbers = SectionKey(
      "numbers", absent: "none", "What the tree refers to by name.", [number])
    static let number = Key.number("NAME", absent: "", "What it is.")

    static let onBenches = "where a bench may use it"
  }
}

extension Definition.Setting {
  enum Keys {
    static let all: [any DeclaredKey] = [set, get, expected, channels, Engines.Keys.missing]
    static let set = Key.texts(
      "set", form: "template", absent: "it is only asked", "The setting.")
    static let get = Key.texts("get", form: "template", "The question for it.")
    static let expected = Key.texts(
      "is", form: "template", "The answer expected: a number, to a part in a thousand, or a word.")
    static let channels = Key.count(
      "channels", in: 1...64, default: 1, "Only models of so many channels or more have it.")
  }
}

extension Definition.Requirement {
  enum Keys {
    static let requires = SectionKey.list(
      "requires", absent: "none", "What must be so before it can be used.",
      [question, expected, advice])
    static let question = Key.text("ask", form: "query", "What is asked.")
    static let expected = Key.text("is", "What must be answered.")
    static let advice = Key.text("advice", "What to do where it is not so.")
  }
}

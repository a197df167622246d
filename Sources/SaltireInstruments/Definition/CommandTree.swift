import SaltireCore

/// One line of an instrument's command tree: a setting, a query or an action,
/// under the name that its manual prints.
public struct CommandNode: Sendable, Equatable {
  /// What a setting holds.
  public enum Kind: Sendable, Equatable {
    case number(Number)
    /// A word of the instrument and what it means here, in the manual's
    /// capitals; the first is the one after a reset unless `initial` says.
    case words([Word], initial: String)
    /// Several of the words at once, told in their order here, each in quotes
    /// or as it is.
    case list([Word], initial: [String], isQuoted: Bool)
    /// Text, as it is.
    case text(initial: String)
  }

  /// A number in base units.
  public struct Number: Sendable, Equatable {
    public var minimum: Bound?
    public var maximum: Bound?
    public var initial: Bound
    /// Told without point and exponent.
    public var isWhole: Bool
    /// INFinity is allowed besides what the bounds allow.
    public var canBeInfinite: Bool
    /// What is beyond a bound is brought to it, and nothing said of it.
    public var isClamped: Bool
    /// What one on the wire stands for: 1e-3 where milliamperes are meant.
    public var factor: Double
  }

  /// A bound: a number, or the name of one of the model's.
  public enum Bound: Sendable, Equatable {
    case number(Double)
    case named(String)
  }

  /// A word as the instrument spells it and what it stands for.
  public struct Word: Sendable, Equatable {
    public var spelling: String
    public var meaning: String
  }

  /// One number of an answer and its form, `%.3f` or `%.6e` in C.
  public struct Figure: Sendable, Equatable {
    public var name: String
    public var decimals: Int
    public var isExponential: Bool
  }

  /// What the line does.
  public enum Role: Sendable, Equatable {
    /// Sets and tells a setting; not told where `isWriteOnly`.
    case setting(String, Kind)
    /// Only tells.
    case query(String)
    /// Always tells the same.
    case reply(String)
    /// Only does.
    case action(String)
    /// Gives settings the values that it is sent, in their order, and others
    /// the meanings that stand here.
    case assignment([String], fixed: [String: String])
    /// Tells several settings at once, in quotes.
    case told([String])
    /// Sets and tells several settings at once, each behind its name.
    case parameters([Parameter])
  }

  /// The name as the manual prints it.
  public var notation: String
  public var role: Role
  /// Whether a change of the setting switches the output off.
  public var turnsOutputOff = false
  /// Whether the setting stays through a reset, as in nonvolatile memory.
  public var isKept = false
  /// What a question for readings may name of each, the first without a name;
  /// none where a setting says which.
  public var elements: [Word] = []
  /// The reading buffer that such a question may name.
  public var buffer: String?
  /// The setting that the number in a question is for.
  public var sets: String?
  /// What a question answers in a dialect where no format can be chosen.
  public var figures: [Figure] = []
  /// Bytes that an answer takes at least.
  public var length = 0
  /// Whether its name has a place for the number of a channel; what has none is
  /// the same for all.
  public var isOfChannel: Bool { notation.contains("|") }
}

extension CommandNode {
  /// Reads one line of a `tree` section.
  init(_ notation: String, _ reader: Reader) {
    self.notation = notation
    if reader.has(Keys.query) {
      role = .query(reader[Keys.query].value)
      elements = Self.words(reader.section(Keys.elements))
      buffer = reader.optional(Keys.buffer)?.value
      sets = reader.optional(Keys.sets)?.value
      figures = Self.figures(reader.section(Keys.figures))
    } else if reader.has(Keys.reply) {
      role = .reply(reader[Keys.reply].value)
    } else if reader.has(Keys.assign) {
      let fixed = reader.section(Keys.with)
      role = .assignment(
        reader[Keys.assign].value.map(\.value),
        fixed: Dictionary(
          uniqueKeysWithValues: fixed.keys.map { ($0, fixed[Keys.value.named($0)].value) }))
    } else if reader.has(Keys.action) {
      role = .action(reader[Keys.action].value)
    } else if reader.has(Keys.told) {
      role = .told(reader[Keys.told].value.map(\.value))
    } else if let section = reader.optional(Keys.parameters) {
      role = .parameters(
        section.keys.map { Parameter($0, section.section(Parameter.Keys.parameter.named($0))) })
    } else {
      turnsOutputOff = reader[Keys.turnsOutputOff].value
      isKept = reader[Keys.isKept].value
      role = Self.setting(reader)
    }
    length = reader[Keys.length].value
  }

  static func setting(_ reader: Reader) -> Role {
    .setting(reader[Keys.settingName].value, kind(reader))
  }

  private static func kind(_ reader: Reader) -> Kind {
    if let section = reader.optional(Keys.words) {
      let words = Self.words(section)
      if let style = reader.optional(Keys.list)?.value {
        let initial = reader[Keys.initialList].value.map(\.value)
        check(initial, among: words, reader)
        return .list(words, initial: initial, isQuoted: style == .quoted)
      }
      let initial = reader.optional(Keys.initial)?.value ?? words.first?.meaning ?? ""
      check([initial], among: words, reader)
      return .words(words, initial: initial)
    }
    if reader[Keys.flag].value {
      let initial = reader.optional(Keys.initial)?.value ?? "off"
      return .words(
        [
          Word(spelling: "ON", meaning: "on"), Word(spelling: "OFF", meaning: "off"),
          Word(spelling: "1", meaning: "on"), Word(spelling: "0", meaning: "off"),
        ], initial: initial)
    }
    if let text = reader.optional(Keys.text)?.value { return .text(initial: text) }
    return .number(
      Number(
        minimum: bound(reader, Keys.lowest), maximum: bound(reader, Keys.highest),
        initial: bound(reader, Keys.initial) ?? .number(0),
        isWhole: reader[Keys.isWhole].value,
        canBeInfinite: reader[Keys.isInfinite].value,
        isClamped: reader[Keys.isClamped].value,
        factor: reader[Keys.factor].value))
  }

  private static func words(_ section: Reader) -> [Word] {
    section.keys.map { Word(spelling: $0, meaning: section[Keys.meaning.named($0)].value) }
  }

  /// Forms such as `.3f` and `.6e`.
  private static func figures(_ reader: Reader) -> [Figure] {
    reader.keys.compactMap { name in
      let form = reader[Keys.form.named(name)]
      if form.value.first == ".", let letter = form.value.last, "ef".contains(letter),
        let decimals = Int(form.value.dropFirst().dropLast()), (0...17).contains(decimals)
      {
        return Figure(name: name, decimals: decimals, isExponential: letter == "e")
      }
      reader.report(
        Diagnostic(
          "'\(form.value)' is no form of a number", at: form.location,
          hints: ["as in .3f for 1.000 and .6e for 1.000000e-03"]))
      return nil
    }
  }

  private static func check(_ meanings: [String], among words: [Word], _ reader: Reader) {
    for meaning in meanings where !words.contains(where: { $0.meaning == meaning }) {
      reader.report(
        Diagnostic("'\(meaning)' is none of the words' meanings", at: reader.location))
    }
  }

  private static func bound(_ reader: Reader, _ key: Key<String>) -> Bound? {
    reader.optional(key).map { text in
      Double(text.value).map(Bound.number) ?? .named(text.value)
    }
  }
}

import SaltireCore

/// One entry of an instrument's command tree: a setting, a query or an action, under the name in
/// its manual.
public struct CommandNode: Sendable, Equatable {
  /// The type of a setting.
  public enum Kind: Sendable, Equatable {
    case number(Number)
    /// A keyword of the instrument and its meaning, with the capitals of the manual; the first is
    /// the reset value unless `initial` names another.
    case words([Word], initial: String)
    /// Several keywords at once, reported in this order, quoted or not.
    case list([Word], initial: [String], isQuoted: Bool)
    /// Arbitrary text.
    case text(initial: String)
  }

  /// A number in base units.
  public struct Number: Sendable, Equatable {
    public var minimum: Bound?
    public var maximum: Bound?
    public var initial: Bound
    /// Reported without decimal point and exponent.
    public var isWhole: Bool
    /// INFinity is allowed in addition to the bounds.
    public var canBeInfinite: Bool
    /// A value beyond a bound is silently set to the bound.
    public var isClamped: Bool
    /// The value of 1 on the wire: 1e-3 if the unit is the milliampere.
    public var factor: Double
  }

  /// A bound: a number, or the name of one of the model's numbers.
  public enum Bound: Sendable, Equatable {
    case number(Double)
    case named(String)
  }

  /// A keyword as the instrument spells it, and its meaning.
  public struct Word: Sendable, Equatable {
    public var spelling: String
    public var meaning: String
  }

  /// One number of a reply and its format, `%.3f` or `%.6e` in C.
  public struct Figure: Sendable, Equatable {
    public var name: String
    public var decimals: Int
    public var isExponential: Bool
  }

  /// The effect of the command.
  public enum Role: Sendable, Equatable {
    /// Sets and queries a setting; no query if `isWriteOnly`.
    case setting(String, Kind)
    /// Query only.
    case query(String)
    /// Query with a constant reply.
    case reply(String)
    /// Command without a query.
    case action(String)
    /// Assigns its arguments to settings, in order, and fixed values to others.
    case assignment([String], fixed: [String: String])
    /// Queries several settings at once, in quotes.
    case told([String])
    /// Sets and queries several named settings at once.
    case parameters([Parameter])
  }

  /// The name as in the manual.
  public var notation: String
  public var role: Role
  /// Whether a change of the setting switches the output off.
  public var turnsOutputOff = false
  /// Whether a reset keeps the setting, as in nonvolatile memory.
  public var isKept = false
  /// The elements that a query for readings may name, the default first; empty if a setting selects
  /// them.
  public var elements: [Word] = []
  /// The reading buffer that such a query may name.
  public var buffer: String?
  /// The setting that the argument of a query changes.
  public var sets: String?
  /// The numbers in a reply, in a dialect without selectable formats.
  public var figures: [Figure] = []
  /// The minimum length of a reply in bytes.
  public var length = 0
  /// Whether its name contains a channel number; otherwise it applies to all channels.
  public var isOfChannel: Bool { notation.contains("|") }
}

extension CommandNode {
  /// Reads one entry of a `tree` section.
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

  /// Formats such as `.3f` and `.6e`.
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
          "'\(form.value)' is not a number format", at: form.location,
          hints: ["for example .3f for 1.000 or .6e for 1.000000e-03"]))
      return nil
    }
  }

  private static func check(_ meanings: [String], among words: [Word], _ reader: Reader) {
    for meaning in meanings where !words.contains(where: { $0.meaning == meaning }) {
      reader.report(
        Diagnostic("'\(meaning)' is not among the meanings of the words", at: reader.location))
    }
  }

  private static func bound(_ reader: Reader, _ key: Key<String>) -> Bound? {
    reader.optional(key).map { text in
      Double(text.value).map(Bound.number) ?? .named(text.value)
    }
  }
}

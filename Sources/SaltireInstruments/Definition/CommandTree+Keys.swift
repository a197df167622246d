import SaltireCore

extension CommandNode {
  /// The keys of the `tree` section.
  enum Keys {
    static let tree = SectionKey("tree", absent: "none", "The command reference.", [command])
    static let command = SectionKey(
      "COMMAND", absent: "",
      "One command, under the name that the manual prints; a setting or one of the others.",
      [
        query, elements, buffer, sets, figures, reply, assign, with, action, told, parameters,
        turnsOutputOff, isKept, length,
      ] + settings)

    static let query = Key.text("query", form: "name", absent: "none", "It only tells this.")
    static let elements = SectionKey(
      "elements", absent: "none", when: ofQuery,
      "What the question may name of each reading: meanings by spelling.", [meaning])
    static let buffer = Key.text(
      "buffer", form: "name", absent: "none", when: ofQuery, "The reading buffer that it may name.")
    static let sets = Key.text(
      "sets", form: "setting", absent: "none", when: ofQuery,
      "The setting that the number in the question is for.")
    static let figures = SectionKey(
      "figures", absent: "none", when: ofQuery, "The numbers of an answer, with their forms.",
      [form])
    static let form = Key.text(
      "NAME", form: "form as `.3f` or `.6e`", absent: "", "How the number is written.")
    static let reply = Key.text("reply", absent: "none", "It always tells this text.")
    static let assign = Key.texts(
      "assign", form: "list of settings", absent: "none",
      "It gives these settings the values that it is sent, in their order.")
    static let with = SectionKey(
      "with", absent: "none", when: "with `assign`", "What it gives to other settings.", [value])
    static let value = Key.text("SETTING", form: "meaning", absent: "", "What the setting becomes.")
    static let action = Key.text("action", form: "name", absent: "none", "It only does this.")
    static let told = Key.texts(
      "told", form: "list of settings", absent: "none", "It tells these settings at once.")
    static let parameters = SectionKey(
      "parameters", absent: "none", "Settings that one command names one after another.",
      [Parameter.Keys.parameter])
    static let turnsOutputOff = Key.flag(
      "turns_output_off", default: false, when: ofSetting, "A change switches the output off.")
    static let isKept = Key.flag(
      "kept", default: false, when: ofSetting, "It stays through a reset.")
    static let length = Key.count(
      "length", in: 0...65_536, default: 0, "Bytes that an answer takes at least.")

    /// Those of a setting, with its name.
    static let settings: [any DeclaredKey] = [
      settingName, lowest, highest, initial, isWhole, isInfinite, isClamped, factor, words, list,
      flag, text,
    ]
    static let settingName = Key.text(
      "setting", form: "name", absent: "one of the others", "It sets and tells this setting.")
    static let lowest = Key.text(
      "min", form: bound, absent: "none", when: ofNumber, "Lowest value.")
    static let highest = Key.text(
      "max", form: bound, absent: "none", when: ofNumber, "Highest value.")
    static let initial = Key.text(
      "initial", form: initialForm, absent: initialFallback, when: ofSetting, initialMeaning)
    /// Of a list of words.
    static let initialList = Key.texts(
      "initial", form: initialForm, absent: initialFallback, when: ofSetting, initialMeaning)
    static let isWhole = Key.flag(
      "whole", default: false, when: ofNumber, "It is told without point and exponent.")
    static let isInfinite = Key.flag(
      "infinite", default: false, when: ofNumber, "INFinity is allowed.")
    static let isClamped = Key.flag(
      "clamped", default: false, when: ofNumber, "It is brought to its bound without a word.")
    static let factor = Key.number(
      "factor", default: 1, when: ofNumber, "What one on the wire stands for.")
    static let words = SectionKey(
      "words", absent: "none", when: ofSetting,
      "It is one of these words: meanings by spelling.", [meaning])
    static let meaning = Key.text("WORD", form: "meaning", absent: "", "What the word stands for.")
    static let list = Key<ListStyle>.choice(
      "list", absent: "none", when: "with `words`", "It is several of the words at once.")
    static let flag = Key.flag(
      "flag", default: false, when: ofSetting, "It is ON, OFF, 1 or 0.")
    static let text = Key.text(
      "text", absent: "none", when: ofSetting, "It is a text, at first this one.")

    private static let bound = "number or name of one of the model's `numbers`"
    private static let initialForm = "number or name; of words meanings"
    private static let initialFallback = "0, the first word, off"
    private static let initialMeaning = "What it is after a reset."
    private static let ofQuery = "with `query`"
    private static let ofSetting = "with `setting`"
    private static let ofNumber = "of numbers"
  }

  enum ListStyle: String, CaseIterable, Sendable {
    case quoted
    case bare
  }
}

import SaltireCore

/// What an instrument's answer says of a value, and whether it is the one that
/// was set. Every number from an instrument is read here: what is infinite, not
/// a number or an overflow is no number, and agrees with none.
public enum ReadBack {
  /// From here on a magnitude stands for infinity, or for a reading beyond the
  /// range (SCPI-99, 7.2.1.4 and 7.2.1.5).
  public static let overflow = 9e36

  /// Whether a number is a value and no sign of an overflow.
  public static func isValue(_ number: Double) -> Bool {
    // A NaN is below nothing.
    abs(number) < overflow
  }

  /// The value that a text says; nil for words and for what is no value.
  public static func value(_ text: some StringProtocol) -> Double? {
    guard let number = Double(text.trimming(\.isWhitespace)) else { return nil }
    return isValue(number) ? number : nil
  }

  /// Whether a setting reads back as it was made: values to a part in a
  /// thousand, which is what instruments round to; words in any case and quotes;
  /// infinity as the definition spells it and not otherwise.
  public static func agrees(_ answer: String, with expected: String) -> Bool {
    let found = answer.trimming { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    if let wanted = value(expected) {
      guard let number = value(found) else { return false }
      return abs(wanted - number) <= 1e-3 * max(abs(wanted), abs(number)) + 1e-15
    }
    // A number that is no value is a word with one spelling.
    guard Double(expected.trimming(\.isWhitespace)) == nil else { return found == expected }
    return found.lowercased() == expected.lowercased()
  }

  /// Whether an answer is one that can stand where `other` does not: another
  /// value where that is one, another word where that is a word.
  public static func differs(_ answer: String, from other: String) -> Bool {
    if agrees(answer, with: other) { return false }
    if value(other) != nil { return value(answer) != nil }
    return Double(answer.trimming(\.isWhitespace)).map(isValue) ?? !answer.isEmpty
  }
}

import SaltireCore

/// Compares replies of instruments with the values that were set. Every number from an instrument
/// is parsed here: infinity, NaN and overflow are not values and agree with nothing.
public enum ReadBack {
  /// The magnitude from which a number means infinity, or a reading out of range (SCPI-99, 7.2.1.4
  /// and 7.2.1.5).
  public static let overflow = 9e36

  /// Whether a number is a value rather than an overflow.
  public static func isValue(_ number: Double) -> Bool {
    // False for NaN.
    abs(number) < overflow
  }

  /// The value of a text; nil for words and for numbers that are not values.
  public static func value(_ text: some StringProtocol) -> Double? {
    guard let number = Double(text.trimming(\.isWhitespace)) else { return nil }
    return isValue(number) ? number : nil
  }

  /// Whether a setting reads back as it was set: values to one part in a thousand, because
  /// instruments round them; words in any case and quotes; infinity only as the definition spells
  /// it.
  public static func agrees(_ answer: String, with expected: String) -> Bool {
    let found = answer.trimming { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    if let wanted = value(expected) {
      guard let number = value(found) else { return false }
      return abs(wanted - number) <= 1e-3 * max(abs(wanted), abs(number)) + 1e-15
    }
    // A number that is not a value is compared as a word.
    guard Double(expected.trimming(\.isWhitespace)) == nil else { return found == expected }
    return found.lowercased() == expected.lowercased()
  }

  /// Whether a reply is valid but differs from `other`: a different value if that is a value, a
  /// different word if that is a word.
  public static func differs(_ answer: String, from other: String) -> Bool {
    if agrees(answer, with: other) { return false }
    if value(other) != nil { return value(answer) != nil }
    return Double(answer.trimming(\.isWhitespace)).map(isValue) ?? !answer.isEmpty
  }
}

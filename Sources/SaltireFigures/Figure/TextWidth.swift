/// Widths of sans-serif text, near enough to reserve room for it: the layout must not depend on
/// the fonts of the machine, or the same figure would give different pictures.
enum TextWidth {
  /// Font size of all text in a figure, in points.
  static let fontSize = 12.0

  /// Width in points of the widest line of the text.
  static func points(_ text: String) -> Double {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in line.reduce(0) { $0 + em($1) } * fontSize }
      .max() ?? 0
  }

  /// Number of lines of the text.
  static func lines(_ text: String) -> Int {
    text.split(separator: "\n", omittingEmptySubsequences: false).count
  }

  private static func em(_ character: Character) -> Double {
    switch character {
    case "i", "j", "l", "I", "'", "|", ".", ",", ":", ";", " ", "t", "f", "(", ")", "[", "]", "/":
      0.31
    case "m", "w", "M", "W", "%", "@": 0.87
    case _ where character.isUppercase: 0.69
    case "=", "+", "±", "×", "−", "<", ">", "~": 0.6
    // Scripts without case are mostly set on a full square.
    case _ where !character.isASCII && character.isLetter && !character.isCased: 1
    default: 0.55
    }
  }
}

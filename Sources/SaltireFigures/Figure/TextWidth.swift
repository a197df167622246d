/// Widths of text in Helvetica, Arial and metric-compatible fonts: the layout must not depend on
/// the fonts of the machine, or the same figure would give different pictures.
enum TextWidth {
  /// Font size of labels in a figure, in points.
  static let fontSize = 12.0

  /// Width in points.
  static func points(_ text: String) -> Double { ems(text) * fontSize }

  /// Width in units of the font size.
  static func ems(_ text: String) -> Double {
    text.unicodeScalars.reduce(0) { $0 + hundredths($1) } / 100
  }

  /// The text, truncated with an ellipsis if it is wider than this number of points.
  static func fitted(_ text: String, to width: Double) -> String {
    guard points(text) > width else { return text }
    var rest = width - points("…")
    let kept = text.prefix { character in
      rest -= points(String(character))
      return rest >= 0
    }
    return kept + "…"
  }

  /// Of " " to "~", in hundredths of the font size.
  private static let ascii: [Double] = [
    28, 28, 35, 56, 56, 89, 67, 19, 33, 33, 39, 58, 28, 33, 28, 28,
    56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 28, 28, 58, 58, 58, 56,
    102, 67, 67, 72, 72, 67, 61, 78, 72, 28, 50, 67, 56, 83, 72, 78,
    67, 78, 72, 67, 61, 72, 67, 94, 67, 67, 61, 28, 28, 28, 47, 56,
    33, 56, 56, 50, 56, 56, 28, 56, 56, 22, 22, 50, 22, 83, 56, 56,
    56, 56, 33, 50, 28, 56, 50, 72, 50, 50, 50, 33, 26, 33, 58,
  ]

  private static func hundredths(_ scalar: Unicode.Scalar) -> Double {
    switch scalar.value {
    case 0..<0x20: 28
    case 0x20..<0x7F: ascii[Int(scalar.value) - 0x20]
    case _ where scalar.properties.canonicalCombiningClass != .notReordered: 0
    // Latin, Greek and Cyrillic, with typical widths of labels.
    case 0x7F..<0x530: scalar.properties.isUppercase ? 72 : 58
    case 0x2010...0x2013, 0x2200...0x22FF: 58
    case 0x1F000...: 130
    // Most glyphs of other scripts fill a square.
    default: 100
    }
  }
}

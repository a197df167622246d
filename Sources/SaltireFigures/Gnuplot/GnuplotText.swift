import SaltireCore

/// Text and numbers as gnuplot reads them.
enum GnuplotText {
  private static let plain = Set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,()+-=/:".utf8)

  /// A double-quoted gnuplot string that stands for exactly this text.
  ///
  /// Inside double quotes gnuplot runs what stands between backticks, so only characters known to
  /// mean nothing are written as they are; every other byte becomes an octal escape, which is
  /// decoded after commands have been looked for. Control characters are shown escaped; others
  /// that XML cannot hold are dropped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.shown.unicodeScalars where scalar.value & 0xFFFE != 0xFFFE {
      for byte in String(scalar).utf8 {
        if plain.contains(byte) {
          result.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
          let digits = String(byte, radix: 8)
          result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
      }
    }
    return result + "\""
  }

  /// The shortest decimal that reads back as the same double.
  static func number(_ value: Double) -> String { value.description }

  /// A gnuplot colour; `opacity` from 0 to 1.
  static func colour(_ colour: Figure.Colour, opacity: Double = 1) -> String {
    let transparency = String(Int(((1 - opacity) * 255).rounded()), radix: 16, uppercase: true)
    let alpha = transparency.count == 1 ? "0" + transparency : transparency
    return "rgb \"#" + (opacity < 1 ? alpha : "") + colour.rawValue + "\""
  }
}

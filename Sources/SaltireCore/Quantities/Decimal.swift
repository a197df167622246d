import Foundation

/// A decimal number at the beginning of a text, kept as text so that an SI prefix shifts its
/// exponent instead of multiplying a rounded value.
struct Decimal {
  private let mantissa: Substring
  private let exponent: Int
  /// The text after the number, without leading blanks.
  let rest: String

  /// Nil when `text` does not begin with a number such as "-1.5e-3".
  init?(leading text: String) {
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    var end = trimmed.startIndex
    func skip(_ accept: (Character) -> Bool) -> Int {
      let start = end
      while end < trimmed.endIndex, accept(trimmed[end]) { end = trimmed.index(after: end) }
      return trimmed.distance(from: start, to: end)
    }
    let isDigit: (Character) -> Bool = { $0.isASCII && $0.isNumber }
    if let sign = trimmed.first, "+-".contains(sign) { end = trimmed.index(after: end) }
    var count = skip(isDigit)
    if end < trimmed.endIndex, trimmed[end] == "." {
      end = trimmed.index(after: end)
      count += skip(isDigit)
    }
    guard count > 0 else { return nil }
    mantissa = trimmed[..<end]
    var exponent = 0
    if end < trimmed.endIndex, "eE".contains(trimmed[end]) {
      let tail = trimmed[trimmed.index(after: end)...]
      let sign = tail.first.map { "+-".contains($0) } == true ? 1 : 0
      let digits = tail.dropFirst(sign).prefix { isDigit($0) }
      if let value = Int(tail.prefix(sign) + digits), abs(value) < 10_000 {
        exponent = value
        end = digits.endIndex
      }
    }
    self.exponent = exponent
    rest = trimmed[end...].trimmingCharacters(in: .whitespaces)
  }

  /// The number times 10^`shift`, rounded once.
  func value(shiftedBy shift: Int) -> Double {
    Double("\(mantissa)e\(exponent + shift)") ?? .nan
  }

  /// The significant digits of a finite number: 0.d₁d₂… × 10^(leading+1).
  struct Digits {
    var isNegative: Bool
    var digits: [UInt8]
    /// The power of ten of the first digit.
    var leading: Int

    var isZero: Bool { digits.allSatisfy { $0 == 48 } }

    /// The number times 10^`shift` without an exponent.
    func text(shiftedBy shift: Int) -> String {
      let point = leading + shift + 1
      var body: [UInt8]
      if isZero {
        body = [48]
      } else if point <= 0 {
        body = [48, 46] + [UInt8](repeating: 48, count: -point) + digits
      } else if point >= digits.count {
        body = digits + [UInt8](repeating: 48, count: point - digits.count)
      } else {
        body = digits[..<point] + [46] + digits[point...]
      }
      return (isNegative && !isZero ? "-" : "") + String(decoding: body, as: UTF8.self)
    }
  }

  /// The shortest digits that stand for `value`, or the given count of them;
  /// nil when it is not finite.
  static func digits(of value: Double, significant: Int? = nil) -> Digits? {
    guard value.isFinite else { return nil }
    // Both forms are "d.ddde±xx" or plain; the digits and their place follow.
    let text = significant.map { String(format: "%.\(max($0, 1) - 1)e", value) } ?? "\(value)"
    let parts = text.lowercased().split(separator: "e")
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let plain = parts[0].drop { $0 == "-" }.split(
      separator: ".", omittingEmptySubsequences: false)
    let whole = plain[0]
    let all = Array((whole + (plain.count > 1 ? plain[1] : "")).utf8)
    let zeros = all.prefix { $0 == 48 }.count
    var digits = Array(all.dropFirst(min(zeros, all.count - 1)))
    while digits.count > 1, digits.last == 48 { digits.removeLast() }
    return Digits(
      isNegative: text.hasPrefix("-"), digits: digits,
      leading: whole.count - 1 - min(zeros, all.count - 1) + exponent)
  }
}

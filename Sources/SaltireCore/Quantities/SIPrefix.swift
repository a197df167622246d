/// An SI prefix, used both for parsing and for printing.
public struct SIPrefix: Sendable, Hashable {
  /// Empty for no prefix.
  public let symbol: String
  /// Its power of ten.
  public let exponent: Int

  private static let all = zip(
    stride(from: -18, through: 15, by: 3),
    ["a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P"]
  ).map { SIPrefix(symbol: $1, exponent: $0) }

  /// The powers of ten of all spellings that are read.
  static let exponents = Dictionary(uniqueKeysWithValues: all.map { ($0.symbol, $0.exponent) })
    .merging(["u": -6, "\u{03BC}": -6]) { $1 }

  private init(symbol: String, exponent: Int) {
    (self.symbol, self.exponent) = (symbol, exponent)
  }

  /// The prefix for a power of ten; nil if there is none.
  init?(exponent: Int) {
    guard let prefix = Self.all.first(where: { $0.exponent == exponent }) else { return nil }
    self = prefix
  }

  /// The prefix that leaves one to three digits before the decimal point of a number whose
  /// first significant digit stands at 10^`leading`, or the nearest to that.
  init(leading: Int) {
    let exponent = min(max(Self.exponent(leading: leading), -18), 15)
    self = Self.all[(exponent + 18) / 3]
  }

  /// The prefix that leaves one to three digits before the decimal point of a number, or the
  /// nearest to that; none for what is 0 or not finite.
  public init(for number: Double) {
    guard number != 0, let digits = Decimal.digits(of: number) else {
      self.init(symbol: "", exponent: 0)
      return
    }
    self.init(leading: digits.leading)
  }

  /// The power of ten that leaves one to three digits before the decimal point, whether or not
  /// there is a prefix for it.
  static func exponent(leading: Int) -> Int { Int((Double(leading) / 3).rounded(.down)) * 3 }
}

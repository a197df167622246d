/// A number with its unit, in base units (volts, siemens, seconds).
///
/// Reads and prints SI prefixes: "1.2 V", "10 nS", "50 ms". What is printed
/// by ``description`` reads back to the same bits.
public struct Quantity: Sendable, Hashable, CustomStringConvertible {
  /// The value in the base unit.
  public var value: Double
  /// The base unit.
  public var unit: Unit

  public init(_ value: Double, _ unit: Unit) {
    self.value = value
    self.unit = unit
  }

  /// Parses a quantity of `unit`.
  ///
  /// A decimal number, an optional space, an optional SI prefix (a f p n u µ m k M G T P) and the
  /// unit; a time may also be in "min" or "h". A plain number is accepted only if `unit` is
  /// ``Unit/one``; otherwise a missing unit is an error.
  ///
  /// - Throws: ``QuantityError`` with what was found and what was expected.
  public init(parsing text: String, as unit: Unit) throws(QuantityError) {
    guard let decimal = Decimal(leading: text) else {
      throw .notANumber(text: text, expected: unit)
    }
    let suffix = decimal.rest
    if suffix.isEmpty {
      guard unit == .one else { throw .missingUnit(text: text, expected: unit) }
      self.init(decimal.value(shiftedBy: 0), unit)
    } else if unit == .second, let factor = ["min": 60.0, "h": 3600.0][suffix] {
      self.init(decimal.value(shiftedBy: 0) * factor, unit)
    } else if let exponent = Self.exponent(of: suffix, in: unit) {
      self.init(decimal.value(shiftedBy: exponent), unit)
    } else {
      let found = Unit.allCases.first { Self.exponent(of: suffix, in: $0) != nil }
      throw .wrongUnit(text: text, suffix: suffix, found: found, expected: unit)
    }
    guard value.isFinite else { throw .notANumber(text: text, expected: unit) }
  }

  /// The shortest text that reads back to the same value.
  public var description: String {
    Self.text(Decimal.digits(of: value), unit) ?? "\(value) \(unit.rawValue)"
  }

  /// The value rounded to `digits` significant digits, with its prefix.
  public func formatted(digits: Int) -> String {
    Self.text(Decimal.digits(of: value, significant: digits), unit) ?? description
  }

  /// The power of ten of the prefix in `suffix`, if `suffix` is `unit` with a prefix.
  private static func exponent(of suffix: String, in unit: Unit) -> Int? {
    for spelling in unit.spellings where suffix.hasSuffix(spelling) {
      let prefix = String(suffix.dropLast(spelling.count))
      if let exponent = SIPrefix.exponents[prefix] { return exponent }
    }
    return nil
  }

  /// The unit and the power of ten of its prefix that `suffix` says; nil for any other text.
  package static func unit(of suffix: String) -> (unit: Unit, exponent: Int)? {
    for unit in Unit.allCases {
      if let exponent = exponent(of: suffix, in: unit) { return (unit, exponent) }
    }
    return nil
  }

  private static func text(_ digits: Decimal.Digits?, _ unit: Unit) -> String? {
    guard let digits else { return nil }
    guard unit != .one else { return digits.text(shiftedBy: 0) }
    let prefix = SIPrefix(leading: digits.isZero ? 0 : digits.leading)
    return "\(digits.text(shiftedBy: -prefix.exponent)) \(prefix.symbol)\(unit.rawValue)"
  }
}

/// Why a text is not the expected quantity.
public enum QuantityError: Error, Hashable, Sendable {
  /// It does not begin with a decimal number.
  case notANumber(text: String, expected: Unit)
  /// A number without a unit.
  case missingUnit(text: String, expected: Unit)
  /// A number with another unit, or with a suffix that is not a unit.
  case wrongUnit(text: String, suffix: String, found: Unit?, expected: Unit)

  /// What was found and what was expected, in one sentence.
  public var message: String {
    switch self {
    case .notANumber(let text, let expected):
      "'\(text)' is not \(expected.meaning), such as '\(expected.example)'"
    case .missingUnit(let text, let expected):
      "'\(text)' has no unit: expected \(expected.meaning), such as '\(expected.example)'"
    case .wrongUnit(let text, let suffix, let found, let expected):
      if let found {
        "'\(text)' is \(found.meaning): expected \(expected.meaning), such as '\(expected.example)'"
      } else {
        "'\(text)': '\(suffix)' is not a unit; expected \(expected.meaning), such as"
          + " '\(expected.example)'"
      }
    }
  }
}

import Foundation

/// A value with its standard error as text: "2.657 ± 0.012 µS".
///
/// The error has two significant digits and the value ends at the same decimal place. The SI
/// prefix puts the larger of the two between 1 and 1000; without a unit, or beyond the prefixes
/// from atto to peta, a power of ten takes its place: "(2.657 ± 0.012) × 10⁻⁶".
/// - Parameters:
///   - value: In the unit without prefix.
///   - standardError: In the same unit. Nil, zero or not finite: the value stands alone with four
///     significant digits.
///   - unit: "S", "V", …; empty for a pure number.
public func uncertain(_ value: Double, standardError: Double? = nil, unit: String = "") -> String {
  guard value.isFinite else { return unit.isEmpty ? "undefined" : "undefined (\(unit))" }
  let error = standardError.flatMap { $0.isFinite && $0 != 0 ? abs($0) : nil }
  // The last decimal place, as a power of ten, before any prefix.
  let place: Int
  let largest: Double
  if let error {
    place = leadingPlace(of: error, digits: 2) - 1
    largest = max(abs(value), error)
  } else {
    place = leadingPlace(of: value, digits: 4) - 3
    largest = abs(value)
  }
  // The prefix fits the number as rounded: 999.97 nS with an error of 0.10 nS stays in nS, with
  // one of 1.0 nS it becomes 1.0000 µS.
  let digits = min(max(leadingPlace(of: largest, digits: 17) - place + 1, 1), 17)
  let leading = max(leadingPlace(of: largest, digits: digits), largest == 0 ? 0 : place)
  let exponent = powerOfTen(leading: leading, hasUnit: !unit.isEmpty)
  let prefix = unit.isEmpty ? nil : SIPrefix(exponent: exponent)
  let number = rounded(value, place: place, exponent: exponent)
  let scaled = prefix == nil && exponent != 0
  let text: String
  if let error {
    let body = "\(number) ± \(rounded(error, place: place, exponent: exponent))"
    text = scaled ? "(\(body))" : body
  } else {
    text = number
  }
  let power = scaled ? " × 10" + superscript(exponent) : ""
  return text + power + (unit.isEmpty ? "" : " \(prefix?.symbol ?? "")\(unit)")
}

/// The decimal place of the first digit once rounded to so many digits: 0.999 rounded to two is
/// 1.0, one place higher.
private func leadingPlace(of value: Double, digits: Int) -> Int {
  value == 0 ? 0 : Decimal.digits(of: value, significant: digits)?.leading ?? 0
}

/// Dimensionless numbers are not scaled as long as they are easy to read.
private func powerOfTen(leading: Int, hasUnit: Bool) -> Int {
  if !hasUnit && (-4...5).contains(leading) { return 0 }
  return SIPrefix.exponent(leading: leading)
}

private func rounded(_ value: Double, place: Int, exponent: Int) -> String {
  let decimals = exponent - place
  let scaled = scale(value, by: -exponent)
  let text: String
  if decimals >= 0 {
    text = String(format: "%.\(decimals)f", scaled)
  } else {
    let step = pow(10, Double(-decimals))
    text = String(format: "%.0f", (scaled / step).rounded() * step)
  }
  let isZero = text.allSatisfy { $0 == "0" || $0 == "." || $0 == "-" }
  return isZero ? text.replacing("-", with: "") : text.replacing("-", with: "−")
}

/// Two steps, since the power of ten for a denormal value is itself too large for a double.
private func scale(_ value: Double, by exponent: Int) -> Double {
  let half = exponent / 2
  return value * pow(10, Double(half)) * pow(10, Double(exponent - half))
}

private func superscript(_ exponent: Int) -> String {
  let digits: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
    "8": "⁸", "9": "⁹",
  ]
  return String(String(exponent).compactMap { digits[$0] })
}

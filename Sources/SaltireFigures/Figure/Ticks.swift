import Foundation

/// Where the ticks of one axis stand and what they say. Labels are gnuplot enhanced text, the one
/// place where it is used: powers of ten need superscripts and no user writes them.
struct Ticks: Equatable {
  struct Major: Equatable {
    var value: Double
    var label: String
  }

  var major: [Major]
  var minor: [Double]

  /// Ticks for a range drawn `length` points long.
  /// - Parameter spacing: The distance in points two labels should keep.
  init(_ limits: ClosedRange<Double>, scale: Figure.Axis.Scale, length: Double, spacing: Double) {
    let wanted = max(length / spacing, 2)
    // A short stretch of a logarithmic axis holds too few powers of ten to read a value from.
    if scale == .log && log10(limits.upperBound / limits.lowerBound) >= 1 {
      self.init(decadesIn: limits, wanted: wanted)
    } else {
      self.init(linear: limits, wanted: wanted)
    }
  }

  private init(linear limits: ClosedRange<Double>, wanted: Double) {
    let raw = (limits.upperBound - limits.lowerBound) / wanted
    var exponent = Int(log10(raw).rounded(.down))
    let fraction = raw / Self.power(exponent)
    var digit = fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10
    if digit == 10 {
      digit = 1
      exponent += 1
    }
    let parts = digit == 2 ? 4 : 5
    major = Self.multiples(of: digit, exponent: exponent, in: limits).map { value in
      Major(
        value: value, label: Self.label(value, exponent: exponent, largest: limits.magnitude))
    }
    // A fifth of 1 or 5 and a quarter of 2 are themselves one digit with the exponent below.
    let minorDigit = digit * 10 / parts
    let step = Self.power(exponent) * Double(digit)
    minor = Self.multiples(of: minorDigit, exponent: exponent - 1, in: limits).filter { value in
      abs((value / step).rounded() * step - value) > step * 1e-6
    }
  }

  private init(decadesIn limits: ClosedRange<Double>, wanted: Double) {
    let first = Int(log10(limits.lowerBound).rounded(.down))
    let last = Int(log10(limits.upperBound).rounded(.up))
    let stride = max(1, Int((Double(last - first) / wanted).rounded(.up)))
    var major: [Major] = []
    var minor: [Double] = []
    for exponent in first...last {
      let decade = Self.power(exponent)
      if limits.contains(decade) {
        if exponent % stride == 0 {
          major.append(Major(value: decade, label: Self.decadeLabel(exponent)))
        } else {
          minor.append(decade)
        }
      }
      if stride == 1 { minor += (2...9).map { decade * Double($0) }.filter(limits.contains) }
    }
    self.major = major
    self.minor = minor
  }

  private static func decadeLabel(_ exponent: Int) -> String {
    switch exponent {
    case 0: "1"
    case 1: "10"
    default: "10^{\(minus(String(exponent)))}"
    }
  }

  private static func multiples(
    of digit: Int, exponent: Int, in limits: ClosedRange<Double>
  ) -> [Double] {
    let step = power(exponent) * Double(digit)
    // A limit that is itself a multiple must keep its tick in spite of rounding.
    let low = (limits.lowerBound / step - 1e-6).rounded(.up)
    let high = (limits.upperBound / step + 1e-6).rounded(.down)
    guard low <= high else { return [] }
    return (0...Int(high - low)).map { index in
      let count = (low + Double(index)) * Double(digit)
      // Division by a whole power keeps 0.3 the double nearest 0.3.
      return exponent < 0 && exponent >= -22 ? count / power(-exponent) : count * power(exponent)
    }
  }

  private static func label(_ value: Double, exponent: Int, largest: Double) -> String {
    if largest >= 1e6 || largest < 1e-3 {
      if value == 0 { return "0" }
      let tens = Int(log10(largest).rounded(.down))
      let decimals = max(0, tens - exponent)
      return minus(String(format: "%.\(decimals)f", value / power(tens)))
        + "×10^{\(minus(String(tens)))}"
    }
    return minus(String(format: "%.\(max(0, -exponent))f", value))
  }

  private static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

  private static func minus(_ text: String) -> String {
    text.replacing("-", with: "−")
  }

  /// Width in points of the widest label.
  var widestLabel: Double {
    major.map { TextWidth.points($0.label.replacing("^{", with: "").replacing("}", with: "")) }
      .max() ?? 0
  }
}

extension ClosedRange<Double> {
  fileprivate var magnitude: Double { Swift.max(abs(lowerBound), abs(upperBound)) }
}

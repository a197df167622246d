import Foundation

/// The positions and labels of the ticks of one axis.
struct Ticks: Equatable {
  struct Major: Equatable {
    var value: Double
    /// Empty if there is no room.
    var label: String
    /// The exponent above the end of the label, if the label is a power of 10.
    var power = ""

    /// Width in points.
    var width: Double {
      (TextWidth.ems(label) + TextWidth.ems(power) * Ticks.powerSize) * Ticks.fontSize
    }
  }

  /// Size of the labels in points, and of powers relative to it.
  static let fontSize = 11.0
  static let powerSize = 0.75

  var major: [Major]
  var minor: [Double]

  /// Ticks for a range drawn `length` points long.
  /// - Parameter spacing: The approximate distance between labels, in points.
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
    var digit = fraction <= 1.4 ? 1 : fraction <= 3.2 ? 2 : fraction <= 7 ? 5 : 10
    if digit == 10 {
      digit = 1
      exponent += 1
    }
    let parts = digit == 2 ? 4 : 5
    major = Self.multiples(of: digit, exponent: exponent, in: limits).map { value in
      Self.major(value, exponent: exponent, largest: limits.magnitude)
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
    let decades = log10(limits.upperBound) - log10(limits.lowerBound)
    let stride = max(1, Int((decades / (1.4 * wanted)).rounded(.up)))
    var major: [Major] = []
    var minor: [Double] = []
    for exponent in first...last {
      let decade = Self.power(exponent)
      if limits.contains(decade) {
        if exponent % stride == 0 {
          major.append(Self.decade(exponent))
        } else {
          minor.append(decade)
        }
      }
      if stride == 1 { minor += (2...9).map { decade * Double($0) }.filter(limits.contains) }
    }
    self.major = major
    self.minor = minor
  }

  private static func decade(_ exponent: Int) -> Major {
    switch exponent {
    case 0, 1: Major(value: power(exponent), label: exponent == 0 ? "1" : "10")
    default: Major(value: power(exponent), label: "10", power: minus(String(exponent)))
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

  private static func major(_ value: Double, exponent: Int, largest: Double) -> Major {
    guard largest >= 1e6 || largest < 1e-3 else {
      return Major(
        value: value, label: minus(String(format: "%.\(max(0, -exponent))f", value)))
    }
    if value == 0 { return Major(value: 0, label: "0") }
    let tens = Int(log10(largest).rounded(.down))
    let decimals = max(0, tens - exponent)
    return Major(
      value: value,
      label: minus(String(format: "%.\(decimals)f", value / power(tens))) + "×10",
      power: minus(String(tens)))
  }

  private static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

  private static func minus(_ text: String) -> String {
    text.replacing("-", with: "−")
  }

  /// Removes labels that would touch the previous one; their ticks stay.
  /// - Parameter size: The size of a label along the axis, in points.
  mutating func dropCrowded(on scale: AxisScale, size: (Major) -> Double) {
    var end = -Double.infinity
    for index in major.indices {
      guard let middle = scale.position(major[index].value) else { continue }
      let half = size(major[index]) / 2
      if middle - half < end {
        (major[index].label, major[index].power) = ("", "")
      } else {
        end = middle + half
      }
    }
  }

  /// Width in points of the widest label.
  var widestLabel: Double { major.map(\.width).max() ?? 0 }
}

extension ClosedRange<Double> {
  fileprivate var magnitude: Double { Swift.max(abs(lowerBound), abs(upperBound)) }
}

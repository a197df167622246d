import Foundation

/// Turns values of one axis into points on the page.
struct AxisScale: Equatable {
  var limits: ClosedRange<Double>
  var scale: Figure.Axis.Scale
  /// Position of the lower limit, in points.
  var start: Double
  /// Length of the axis, in points.
  var length: Double

  /// Position in points, or nil for a gap. It may lie beyond the ends of the axis.
  func position(_ value: Double) -> Double? {
    guard value.isFinite, scale == .linear || value > 0 else { return nil }
    switch scale {
    case .linear:
      let width = limits.upperBound - limits.lowerBound
      return start + length * ((value - limits.lowerBound) / width)
    case .log:
      let width = log10(limits.upperBound / limits.lowerBound)
      return start + length * (log10(value / limits.lowerBound) / width)
    }
  }

  /// Position in points, or nil when the value is a gap or off the axis.
  func visiblePosition(_ value: Double) -> Double? {
    limits.contains(value) ? position(value) : nil
  }

  /// The value at a position in points.
  func value(at position: Double) -> Double {
    let share = (position - start) / length
    switch scale {
    case .linear: return limits.lowerBound + share * (limits.upperBound - limits.lowerBound)
    case .log:
      return limits.lowerBound * pow(limits.upperBound / limits.lowerBound, share)
    }
  }
}

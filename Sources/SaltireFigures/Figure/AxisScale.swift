import Foundation

/// Converts values of one axis to points on the page.
struct AxisScale: Equatable {
  var limits: ClosedRange<Double>
  var scale: Figure.Axis.Scale
  /// Position of the lower limit, in points.
  var start: Double
  /// Length of the axis, in points.
  var length: Double

  /// Positions farther away than this are drawn here: the picture is the same, and sums of
  /// positions stay finite.
  private static let farthest = 1e7

  /// Position in points, or nil for a gap. It may lie beyond the ends of the axis.
  func position(_ value: Double) -> Double? {
    guard scale.shows(value) else { return nil }
    let share =
      switch scale {
      case .linear: (value - limits.lowerBound) / (limits.upperBound - limits.lowerBound)
      case .log:
        (log10(value) - log10(limits.lowerBound))
          / (log10(limits.upperBound) - log10(limits.lowerBound))
      }
    return min(max(start + length * share, -Self.farthest), Self.farthest)
  }

  /// Position of the end of a bar or an edge of a band: a value that cannot be shown, such as zero
  /// on a logarithmic axis, is beyond the end of the axis.
  func edge(_ value: Double) -> Double? {
    if value.isNaN { return nil }
    return position(value) ?? (value > 0 ? Self.farthest : -Self.farthest)
  }

  /// Position in points, or nil when the value is a gap or off the axis.
  func visiblePosition(_ value: Double) -> Double? {
    limits.contains(value) ? position(value) : nil
  }
}

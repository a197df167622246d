/// Error bars of one direction as one broken line: for every point a bar and a cap at both ends.
///
/// gnuplot's own bars come with a white disc under each point, which hides a short bar.
struct ErrorBars: Equatable {
  /// Half the length of a cap, in points.
  static let cap = 2.5

  /// Coordinates along the direction of the bars; NaN where the line breaks.
  private(set) var along: [Double] = []
  /// Coordinates across it.
  private(set) var across: [Double] = []

  /// - Parameters:
  ///   - values: Coordinates of the points along the bars, on the axis `scale`.
  ///   - errors: Half-lengths of the bars.
  ///   - others: Coordinates of the points across the bars, on the axis `otherScale`.
  init(
    _ values: [Double], _ errors: [Double], _ scale: AxisScale, across others: [Double],
    _ otherScale: AxisScale
  ) {
    for index in values.indices {
      guard let middle = otherScale.position(others[index]), values[index].isFinite,
        errors[index].isFinite
      else { continue }
      let low = values[index] - abs(errors[index])
      let high = values[index] + abs(errors[index])
      // On a logarithmic axis a bar reaching zero runs off the frame, without a cap.
      let isOpen = scale.scale == .log && low <= 0
      let foot = isOpen ? min(scale.limits.lowerBound, high) : low
      let before = otherScale.value(at: middle - Self.cap)
      let after = otherScale.value(at: middle + Self.cap)
      along += [foot, high, .nan, high, high, .nan]
      across += [others[index], others[index], .nan, before, after, .nan]
      if !isOpen {
        along += [low, low, .nan]
        across += [before, after, .nan]
      }
    }
  }
}

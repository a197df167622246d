extension SVGPath {
  /// Half the length of a cap, in points.
  private static let cap = 2.5

  /// Adds the part of error bars that is inside a box.
  ///
  /// An error that is infinite, or reaches zero on a logarithmic axis, is a bar that extends beyond
  /// the box, without a cap; NaN gives no bar.
  /// - Parameters:
  ///   - values: Coordinates of the points along the bars, on the axis `scale`.
  ///   - errors: Half-lengths of the bars.
  ///   - places: The positions of the points; nil for gaps.
  mutating func addBars(
    _ values: [Double], _ errors: [Double], _ scale: AxisScale, isUpright: Bool,
    at places: [Point?], _ box: FigureLayout.Box
  ) {
    let (least, most) =
      isUpright ? (box.bottom, box.top) : (box.left, box.right)
    for index in values.indices {
      guard let place = places[index],
        isUpright
          ? place.x >= box.left && place.x <= box.right
          : place.y >= box.bottom && place.y <= box.top,
        let low = scale.edge(values[index] - abs(errors[index])),
        let high = scale.edge(values[index] + abs(errors[index])), low <= most, high >= least
      else { continue }
      addBar(
        place, from: max(low, least), to: min(high, most), isUpright,
        caps: (low >= least, high <= most))
    }
  }

  /// Adds one bar through a point.
  mutating func addBar(
    _ place: Point, from low: Double, to high: Double, _ isUpright: Bool,
    caps: (low: Bool, high: Bool) = (true, true)
  ) {
    let point = { (along: Double, across: Double) in
      isUpright ? Point(x: place.x + across, y: along) : Point(x: along, y: place.y + across)
    }
    segment(point(low, 0), point(high, 0))
    for (end, hasCap) in [(low, caps.low), (high, caps.high)] where hasCap {
      segment(point(end, -Self.cap), point(end, Self.cap))
    }
  }
}

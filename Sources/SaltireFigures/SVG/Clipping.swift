/// The part of a line or an area that is inside a box.
extension FigureLayout.Box {
  typealias Point = FigureLayout.Point

  func contains(_ point: Point) -> Bool {
    point.x >= left && point.x <= right && point.y >= bottom && point.y <= top
  }

  /// The part of a segment inside, after Liang and Barsky.
  func clipped(from start: Point, to end: Point) -> (Point, Point)? {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    var (enter, leave) = (0.0, 1.0)
    // For each border: how fast the segment moves outwards, and how far inside it starts.
    for (speed, room) in [
      (-dx, start.x - left), (dx, right - start.x), (-dy, start.y - bottom), (dy, top - start.y),
    ] {
      if speed == 0 {
        if room < 0 { return nil }
      } else if speed < 0 {
        enter = max(enter, room / speed)
      } else {
        leave = min(leave, room / speed)
      }
    }
    guard enter <= leave else { return nil }
    let point = { (share: Double) in Point(x: start.x + share * dx, y: start.y + share * dy) }
    return (enter == 0 ? start : point(enter), leave == 1 ? end : point(leave))
  }

  /// The part of a polygon inside, after Sutherland and Hodgman.
  func clipped(_ polygon: [Point]) -> [Point] {
    let borders: [(Point) -> Double] = [
      { $0.x - left }, { right - $0.x }, { $0.y - bottom }, { top - $0.y },
    ]
    return borders.reduce(polygon) { corners, room in
      var kept: [Point] = []
      guard var before = corners.last else { return [] }
      for corner in corners {
        let (a, b) = (room(before), room(corner))
        if (a < 0) != (b < 0) {
          let share = a / (a - b)
          kept.append(
            Point(
              x: before.x + share * (corner.x - before.x),
              y: before.y + share * (corner.y - before.y)))
        }
        if b >= 0 { kept.append(corner) }
        before = corner
      }
      return kept
    }
  }
}

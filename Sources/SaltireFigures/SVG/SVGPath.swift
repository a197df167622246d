/// The data of a path, from positions in points from the lower left corner of the picture.
struct SVGPath {
  typealias Point = FigureLayout.Point

  private(set) var data = ""
  /// The height of the picture, because SVG counts downwards.
  let height: Double

  /// More points than any curve has that runs from left to right.
  private static let longest = 20_000

  init(height: Double) { self.height = height }

  mutating func move(_ point: Point) { data += "M" + place(point) }

  /// A segment from the end of the last one.
  mutating func line(_ point: Point) { data += " " + place(point) }

  mutating func segment(_ start: Point, _ end: Point) {
    move(start)
    line(end)
  }

  mutating func polygon(_ corners: [Point]) {
    guard let first = corners.first else { return }
    move(first)
    corners.dropFirst().forEach { line($0) }
    data += "z"
  }

  /// A dot, for round line ends.
  mutating func dot(_ point: Point) {
    move(point)
    data += "h0"
  }

  mutating func circle(_ centre: Point, radius: Double) {
    let (r, d) = (Markup.number(radius), Markup.number(2 * radius))
    move(Point(x: centre.x - radius, y: centre.y))
    data += "a\(r) \(r) 0 1 0 \(d) 0a\(r) \(r) 0 1 0-\(d) 0z"
  }

  /// The part of a curve that is inside a box; it breaks where a point is nil.
  /// - Returns: Isolated points between gaps.
  mutating func curve(_ points: [Point?], in box: FigureLayout.Box) -> [Point] {
    let points = Self.thinned(points)
    var lone: [Point] = []
    var pen: Point?
    for (index, point) in points.enumerated() {
      guard let point else { continue }
      guard index + 1 < points.count, let next = points[index + 1] else {
        if index == 0 || points[index - 1] == nil, box.contains(point) { lone.append(point) }
        continue
      }
      guard let (start, end) = box.clipped(from: point, to: next) else { continue }
      if start != pen { move(start) }
      line(end)
      pen = end
    }
    return lone
  }

  /// The curve without points that make no visible difference: of a run within a quarter of a point
  /// of x, its ends, its lowest and its highest point remain. A curve that is still longer runs
  /// back and forth across the picture, and only every k-th of its points is drawn.
  static func thinned(_ points: [Point?]) -> [Point?] {
    var kept: [Point?] = []
    var start = 0
    while start < points.count {
      guard let first = points[start] else {
        kept.append(nil)
        start += 1
        continue
      }
      let column = (first.x * 4).rounded(.down)
      var (end, low, high) = (start, start, start)
      var (lowest, highest) = (first.y, first.y)
      while end + 1 < points.count, let next = points[end + 1],
        (next.x * 4).rounded(.down) == column
      {
        end += 1
        if next.y < lowest { (low, lowest) = (end, next.y) }
        if next.y > highest { (high, highest) = (end, next.y) }
      }
      var last = -1
      for index in [start, min(low, high), max(low, high), end] where index > last {
        kept.append(points[index])
        last = index
      }
      start = end + 1
    }
    let stride = (kept.count + longest - 1) / longest
    return stride < 2
      ? kept : kept.indices.filter { kept[$0] == nil || $0 % stride == 0 }.map { kept[$0] }
  }

  private func place(_ point: Point) -> String {
    Markup.number(point.x) + " " + Markup.number(height - point.y)
  }
}

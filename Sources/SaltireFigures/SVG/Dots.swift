/// Points of a series, distributed over paths.
///
/// A path is painted as one shape, so translucent points that overlap must be in different paths
/// for density to show. The first point in a square of the page goes into the same path as the
/// first points of all squares that do not touch it, the second with the second ones, and so on.
struct Dots {
  typealias Point = FigureLayout.Point

  /// A square of the page.
  private struct Place: Hashable {
    var x: Int
    var y: Int

    init(_ point: Point, _ side: Double) {
      (x, y) = (Int((point.x / side).rounded()), Int((point.y / side).rounded()))
    }
  }

  private(set) var paths: [[Point]] = []

  /// - Parameters:
  ///   - diameter: Of the mark at each point.
  ///   - depth: The number of marks at one place up to which one more is visible; 1 for opaque
  ///     marks.
  init(_ points: some Sequence<Point>, diameter: Double, depth: Int) {
    var drawn: [Place: Int] = [:]
    var reached: [Place: Int] = [:]
    for point in points {
      let place = Place(point, 0.1)
      guard drawn[place, default: 0] < depth else { continue }
      drawn[place, default: 0] += 1
      var path = 0
      if depth > 1 {
        let square = Place(point, diameter)
        path = reached[square, default: 0] * 4 + (square.x & 1) + (square.y & 1) * 2
        reached[square, default: 0] += 1
      }
      while paths.count <= path { paths.append([]) }
      paths[path].append(Point(x: Double(place.x) / 10, y: Double(place.y) / 10))
    }
    paths.removeAll(where: \.isEmpty)
  }
}

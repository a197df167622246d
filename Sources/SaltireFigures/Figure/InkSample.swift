/// Points on the page that a layer covers, dense enough to decide whether a legend would hide it.
enum InkSample {
  private static let steps = 24

  static func points(
    of layer: Figure.Layer, x: AxisScale, y: AxisScale
  ) -> [(x: Double, y: Double)] {
    func place(_ xs: [Double], _ ys: [Double]) -> [(x: Double, y: Double)?] {
      zip(xs, ys).map { a, b in
        guard let px = x.position(a), let py = y.position(b) else { return nil }
        return (px, py)
      }
    }
    switch layer.mark {
    case .points(let xs, let ys): return place(xs, ys).compactMap { $0 }
    case .line(let xs, let ys), .steps(let xs, let ys), .trajectory(let xs, let ys):
      return joined(place(xs, ys))
    case .errorBars(let xs, let ys, let xError, let yError):
      var found = place(xs, ys).compactMap { $0 }
      for index in xs.indices {
        let (dx, dy) = (xError?[index] ?? 0, yError?[index] ?? 0)
        found += joined(place([xs[index] - dx, xs[index] + dx], [ys[index], ys[index]]))
        found += joined(place([xs[index], xs[index]], [ys[index] - dy, ys[index] + dy]))
      }
      return found
    case .band(let xs, let lower, let upper):
      return (0...4).flatMap { part in
        let share = Double(part) / 4
        return joined(place(xs, zip(lower, upper).map { $0 + share * ($1 - $0) }))
      }
    case .vertical(let value):
      return x.visiblePosition(value).map { px in
        (0...steps).map { (px, y.start + y.length * Double($0) / Double(steps)) }
      } ?? []
    case .horizontal(let value):
      return y.visiblePosition(value).map { py in
        (0...steps).map { (x.start + x.length * Double($0) / Double(steps), py) }
      } ?? []
    case .marker(let a, let b): return place([a], [b]).compactMap { $0 }
    }
  }

  private static func joined(_ points: [(x: Double, y: Double)?]) -> [(x: Double, y: Double)] {
    var found = points.compactMap { $0 }
    for (first, second) in zip(points, points.dropFirst()) {
      guard let first, let second else { continue }
      // Only long segments can cross a legend between their ends.
      guard abs(second.x - first.x) + abs(second.y - first.y) > 8 else { continue }
      for step in 1..<steps {
        let share = Double(step) / Double(steps)
        found.append(
          (first.x + share * (second.x - first.x), first.y + share * (second.y - first.y)))
      }
    }
    return found
  }
}

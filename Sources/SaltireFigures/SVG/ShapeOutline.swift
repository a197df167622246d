import Foundation

extension Figure.Shape {
  /// Corners of the shape around a point; empty for circles. All shapes have about the same area as
  /// a circle.
  func corners(around centre: FigureLayout.Point, radius: Double) -> [FigureLayout.Point] {
    func turn(_ count: Int, _ radius: (Int) -> Double, from start: Double = 0)
      -> [FigureLayout.Point]
    {
      (0..<count).map { index in
        let angle = start + 2 * .pi * Double(index) / Double(count)
        let reach = radius(index)
        return .init(x: centre.x + reach * sin(angle), y: centre.y + reach * cos(angle))
      }
    }
    switch self {
    case .circle, .openCircle: return []
    case .square, .openSquare: return turn(4, { _ in radius * 1.25 }, from: .pi / 4)
    case .diamond, .openDiamond: return turn(4, { _ in radius * 1.15 })
    case .triangle, .openTriangle: return turn(3, { _ in radius * 1.4 })
    // Two crossed segments.
    case .cross: return turn(4, { _ in radius * 1.3 }, from: .pi / 4)
    case .star: return turn(10, { $0.isMultiple(of: 2) ? radius : radius * 0.42 })
    }
  }

  var isOpen: Bool {
    switch self {
    case .openCircle, .openSquare, .openTriangle, .openDiamond, .cross: true
    default: false
    }
  }
}

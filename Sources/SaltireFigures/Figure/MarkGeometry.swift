/// The properties of a mark that the layout needs.
extension Figure.Layer.Mark {
  var lengthsAgree: Bool {
    switch self {
    case .points(let x, let y), .line(let x, let y), .steps(let x, let y),
      .trajectory(let x, let y):
      x.count == y.count
    case .errorBars(let x, let y, let xError, let yError):
      x.count == y.count && (xError?.count ?? x.count) == x.count
        && (yError?.count ?? y.count) == y.count
    case .band(let x, let lower, let upper): x.count == lower.count && x.count == upper.count
    case .vertical, .horizontal, .marker: true
    }
  }

  /// The points an automatic range must hold. A reference line counts on its own axis only.
  var extent: (x: [Double], y: [Double]) {
    switch self {
    case .points(let x, let y), .line(let x, let y), .steps(let x, let y),
      .trajectory(let x, let y):
      // A gap hides both coordinates, so its finite one must not stretch an axis.
      let kept = zip(x, y).filter { $0.isFinite && $1.isFinite }
      return (kept.map(\.0), kept.map(\.1))
    case .errorBars(let x, let y, let xError, let yError):
      return (Self.reach(x, xError), Self.reach(y, yError))
    case .band(let x, let lower, let upper): return (x, lower + upper)
    case .vertical(let x): return ([x], [])
    case .horizontal(let y): return ([], [y])
    case .marker(let x, let y): return ([x], [y])
    }
  }

  private static func reach(_ values: [Double], _ errors: [Double]?) -> [Double] {
    guard let errors else { return values }
    return values + zip(values, errors).flatMap { [$0 - $1, $0 + $1] }
  }

  /// Whether the default look takes the next colour of the palette.
  var takesPaletteColour: Bool {
    switch self {
    case .vertical, .horizontal, .marker: false
    default: true
    }
  }
}

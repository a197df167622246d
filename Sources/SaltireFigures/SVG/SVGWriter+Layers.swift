extension SVGWriter {
  /// Draws the part of a layer that is inside the frame.
  mutating func draw(_ layer: Figure.Layer, _ look: LayerLook, _ plot: FigureLayout.Plot) {
    switch layer.mark {
    case .points(let x, let y):
      shapes(
        plot.visible(plot.places(x, y)), look, radius: look.radius, opacity: look.opacity)
    case .line(let x, let y):
      curve(plot.places(x, y), look, plot)
    case .steps(let x, let y):
      curve(Self.staircase(plot.places(x, y), x.map(plot.x.position)), look, plot)
    case .errorBars(let x, let y, let xError, let yError):
      let places = plot.places(x, y)
      var bars = SVGPath(height: height)
      if let xError { bars.addBars(x, xError, plot.x, isUpright: false, at: places, plot.frame) }
      if let yError { bars.addBars(y, yError, plot.y, isUpright: true, at: places, plot.frame) }
      path(bars, Self.bar(look))
      shapes(plot.visible(places), look, radius: look.radius, opacity: look.opacity)
    case .band(let x, let lower, let upper):
      band(plot, x, lower, upper, look)
    case .vertical(let value):
      vertical(value, layer, look, plot)
    case .horizontal(let value):
      horizontal(value, layer, look, plot)
    case .marker(let x, let y):
      marker(plot.places([x], [y])[0], layer, look, plot)
    case .trajectory(let x, let y):
      let places = plot.places(x, y)
      curve(places, look, plot)
      let known = places.compactMap(\.self)
      for (end, shape) in [(known.first, Figure.Shape.openCircle), (known.last, .circle)] {
        guard let end, plot.frame.contains(end) else { continue }
        var look = look
        look.shape = shape
        shapes([end], look, radius: 3.2, opacity: 1)
      }
    }
  }

  private mutating func curve(
    _ points: [Point?], _ look: LayerLook, _ plot: FigureLayout.Plot
  ) {
    var line = SVGPath(height: height)
    let lone = line.curve(points, in: plot.frame)
    path(line, Self.stroke(look))
    var dot = look
    dot.shape = .circle
    shapes(lone, dot, radius: 1.2 * look.lineWidth, opacity: look.opacity)
  }

  /// The corners of a curve that holds each value until the next x, also when a gap follows
  /// there.
  private static func staircase(_ points: [Point?], _ x: [Double?]) -> [Point?] {
    points.indices.flatMap { index -> [Point?] in
      guard let point = points[index] else { return [nil] }
      guard index + 1 < points.count, let next = x[index + 1] else { return [point] }
      return [point, Point(x: next, y: point.y)]
    }
  }

  /// Every segment without gaps is a separate area.
  private mutating func band(
    _ plot: FigureLayout.Plot, _ x: [Double], _ lower: [Double], _ upper: [Double],
    _ look: LayerLook
  ) {
    let edges = x.indices.map { index -> (low: Point, high: Point)? in
      guard lower[index].isFinite, upper[index].isFinite, let place = plot.x.position(x[index]),
        let low = plot.y.edge(lower[index]), let high = plot.y.edge(upper[index])
      else { return nil }
      return (Point(x: place, y: low), Point(x: place, y: high))
    }
    var area = SVGPath(height: height)
    for run in edges.split(whereSeparator: { $0 == nil }) {
      let low = SVGPath.thinned(run.map { $0?.low }).compactMap(\.self)
      let high = SVGPath.thinned(run.map { $0?.high }).compactMap(\.self)
      area.polygon(plot.frame.clipped(low + high.reversed()))
    }
    path(area, Self.area(look))
  }

  private mutating func vertical(
    _ value: Double, _ layer: Figure.Layer, _ look: LayerLook, _ plot: FigureLayout.Plot
  ) {
    let frame = plot.frame
    guard let x = plot.x.visiblePosition(value) else { return }
    segment(
      from: Point(x: x, y: frame.bottom), to: Point(x: x, y: frame.top), Self.stroke(look))
    label(layer, beside: Point(x: x, y: frame.top - 11), by: 5, plot)
  }

  private mutating func horizontal(
    _ value: Double, _ layer: Figure.Layer, _ look: LayerLook, _ plot: FigureLayout.Plot
  ) {
    let frame = plot.frame
    guard let y = plot.y.visiblePosition(value) else { return }
    segment(
      from: Point(x: frame.left, y: y), to: Point(x: frame.right, y: y), Self.stroke(look))
    guard layer.isLabelledBeside, let label = layer.label else { return }
    let side = y < frame.bottom + frame.height / 2 ? 9.0 : -9
    write(label, at: Point(x: frame.right - 6, y: y + side), "end", within: frame.width - 12)
  }

  private mutating func marker(
    _ point: Point?, _ layer: Figure.Layer, _ look: LayerLook, _ plot: FigureLayout.Plot
  ) {
    guard let point, plot.frame.contains(point) else { return }
    shapes([point], look, radius: look.shape == .star ? 7 : 4.5, opacity: 1)
    label(layer, beside: point, by: 10, plot)
  }

  /// The label goes to the side with more room.
  private mutating func label(
    _ layer: Figure.Layer, beside point: Point, by gap: Double, _ plot: FigureLayout.Plot
  ) {
    guard layer.isLabelledBeside, let label = layer.label else { return }
    let (left, right) = (point.x - plot.frame.left, plot.frame.right - point.x)
    write(
      label, at: Point(x: point.x + (left < right ? gap : -gap), y: point.y),
      left < right ? "start" : "end", within: max(left, right) - gap - 4)
  }

  // MARK: Legend

  mutating func draw(_ legend: LegendBox, _ panel: Figure.Panel, _ looks: [LayerLook]) {
    for item in legend.items {
      let (x, y) = legend.sample(item)
      draw(panel.layers[item.entry.layer].mark, looks[item.entry.layer], asSampleAt: x, y)
      write(
        item.entry.text, at: Point(x: x + LegendBox.sampleWidth + LegendBox.gap, y: y), "start")
    }
  }

  private mutating func draw(
    _ mark: Figure.Layer.Mark, _ look: LayerLook, asSampleAt x: Double, _ y: Double
  ) {
    let middle = Point(x: x + LegendBox.sampleWidth / 2, y: y)
    let end = x + LegendBox.sampleWidth
    // A single sample of faint data would be invisible, so the legend shows it stronger.
    switch mark {
    case .points:
      shapes([middle], look, radius: max(look.radius, 2.2), opacity: max(look.opacity, 0.7))
    case .line, .steps, .trajectory, .vertical, .horizontal:
      segment(
        from: Point(x: x, y: y), to: Point(x: end, y: y),
        Self.stroke(look, opacity: max(look.opacity, 0.6)))
    case .errorBars(_, _, let xError, let yError):
      var bars = SVGPath(height: height)
      if xError != nil { bars.addBar(middle, from: middle.x - 8, to: middle.x + 8, false) }
      if yError != nil { bars.addBar(middle, from: y - 6, to: y + 6, true) }
      path(bars, Self.bar(look))
      shapes([middle], look, radius: look.radius, opacity: 1)
    case .band:
      var area = SVGPath(height: height)
      area.polygon([(x, -4.5), (end, -4.5), (end, 4.5), (x, 4.5)].map { Point(x: $0, y: y + $1) })
      path(area, Self.area(look))
    case .marker:
      shapes([middle], look, radius: look.shape == .star ? 6.5 : 4, opacity: 1)
    }
  }

  private static func bar(_ look: LayerLook) -> String {
    var look = look
    look.dash = .solid
    return stroke(look, opacity: 1, width: look.lineWidth * 0.8)
  }

  private static func area(_ look: LayerLook) -> String {
    "fill=\"\(colour(look))\" fill-opacity=\"\(Markup.number(bandOpacity))\""
  }
}

extension FigureLayout.Plot {
  /// The positions of points on the page; nil for gaps.
  func places(_ xs: [Double], _ ys: [Double]) -> [FigureLayout.Point?] {
    zip(xs, ys).map { a, b in
      guard let px = x.position(a), let py = y.position(b) else { return nil }
      return FigureLayout.Point(x: px, y: py)
    }
  }

  func visible(_ points: [FigureLayout.Point?]) -> [FigureLayout.Point] {
    points.compactMap { $0.flatMap { frame.contains($0) ? $0 : nil } }
  }
}

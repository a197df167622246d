import Foundation

/// Writes a figure as SVG: every panel's layers from back to front, the frame over them, and
/// the legend.
struct SVGWriter {
  typealias Point = FigureLayout.Point
  typealias Box = FigureLayout.Box

  private(set) var text: String
  /// The height of the picture, in points.
  let height: Double

  static let ink = "#333"
  static let bandOpacity = 0.22

  init(_ figure: Figure) {
    height = Double(figure.height)
    text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(figure.width)" height="\(figure.height)" \
      viewBox="0 0 \(figure.width) \(figure.height)" \
      font-family="Arial, Helvetica, 'Liberation Sans', sans-serif" \
      font-size="\(Markup.number(TextWidth.fontSize))" stroke-linejoin="round">
      <rect width="\(figure.width)" height="\(figure.height)" fill="#fff"/>

      """
    for (panel, plot) in zip(figure.panels, FigureLayout(figure).plots) {
      text += "<g>\n"
      let looks = LayerLook.looks(of: panel)
      for (layer, look) in zip(panel.layers, looks) { draw(layer, look, plot) }
      drawAxes(panel, plot)
      if let legend = plot.legend { draw(legend, panel, looks) }
      text += "</g>\n"
    }
    text += "</svg>\n"
  }

  // MARK: Axes

  private mutating func drawAxes(_ panel: Figure.Panel, _ plot: FigureLayout.Plot) {
    let frame = plot.frame
    let majors = plot.xTicks.major.map(\.value)
    var ticks = SVGPath(height: height)
    ticks.polygon([
      Point(x: frame.left, y: frame.bottom), Point(x: frame.right, y: frame.bottom),
      Point(x: frame.right, y: frame.top), Point(x: frame.left, y: frame.top),
    ])
    for (values, length) in [(majors, 4.5), (plot.xTicks.minor, 2.5)] {
      for x in values.compactMap(plot.x.visiblePosition) {
        ticks.segment(Point(x: x, y: frame.bottom), Point(x: x, y: frame.bottom - length))
      }
    }
    for (values, length) in [(plot.yTicks.major.map(\.value), 4.5), (plot.yTicks.minor, 2.5)] {
      for y in values.compactMap(plot.y.visiblePosition) {
        ticks.segment(Point(x: frame.left, y: y), Point(x: frame.left - length, y: y))
      }
    }
    path(ticks, "fill=\"none\" stroke=\"\(Self.ink)\" stroke-width=\"0.8\"")
    text += "<g font-size=\"\(Markup.number(Ticks.fontSize))\" fill=\"\(Self.ink)\">\n"
    let room = FigureLayout.tickRoom
    for tick in plot.xTicks.major {
      guard let x = plot.x.visiblePosition(tick.value) else { continue }
      write(tick, at: Point(x: x, y: frame.bottom - room - Ticks.fontSize / 2), "middle")
    }
    for tick in plot.yTicks.major {
      guard let y = plot.y.visiblePosition(tick.value) else { continue }
      write(tick, at: Point(x: frame.left - room, y: y), "end")
    }
    text += "</g>\n"
    drawTitles(panel, plot)
  }

  private mutating func write(_ tick: Ticks.Major, at point: Point, _ anchor: String) {
    if tick.label.isEmpty { return }
    let size = Markup.number(Ticks.fontSize * Ticks.powerSize)
    let power =
      tick.power.isEmpty ? "" : "<tspan dy=\"-4\" font-size=\"\(size)\">\(tick.power)</tspan>"
    write(
      markup: Markup.escaped(tick.label) + power, at: point, anchor, size: Ticks.fontSize)
  }

  private mutating func drawTitles(_ panel: Figure.Panel, _ plot: FigureLayout.Plot) {
    let (frame, cell) = (plot.frame, plot.cell)
    let middle = Point(x: frame.left + frame.width / 2, y: frame.bottom + frame.height / 2)
    let across = 2 * min(middle.x - cell.left, cell.right - middle.x) - 4
    let along = 2 * min(middle.y - cell.bottom, cell.top - middle.y) - 4
    write(panel.x.label, at: Point(x: middle.x, y: plot.xLabelY), "middle", within: across)
    write(
      panel.y.label, at: Point(x: plot.yLabelX, y: middle.y), "middle", within: along,
      isUpright: true)
    if let tag = panel.tag {
      write(
        tag, at: Point(x: frame.left, y: plot.tagY), "start", within: cell.right - frame.left - 4,
        attributes: " font-weight=\"bold\"")
    }
  }

  // MARK: Text

  /// Writes text centred on the height of a point, truncated if it is too wide.
  mutating func write(
    _ label: String, at point: Point, _ anchor: String, within room: Double = .infinity,
    isUpright: Bool = false, attributes: String = ""
  ) {
    if label.isEmpty { return }
    let shown = TextWidth.fitted(label, to: room)
    write(
      markup: Markup.escaped(shown), at: point, anchor, size: TextWidth.fontSize,
      isUpright: isUpright, attributes: attributes)
  }

  private mutating func write(
    markup: String, at point: Point, _ anchor: String, size: Double, isUpright: Bool = false,
    attributes: String = ""
  ) {
    let (x, y) = (Markup.number(point.x), height - point.y)
    // Half the height of a capital, because not every program can centre text vertically.
    let baseline = Markup.number(y + 0.36 * size)
    let turn = isUpright ? " transform=\"rotate(-90 \(x) \(Markup.number(y)))\"" : ""
    let place = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
    text += "<text x=\"\(x)\" y=\"\(baseline)\"\(place)\(turn)\(attributes)>\(markup)</text>\n"
  }

  // MARK: Paths

  mutating func path(_ path: SVGPath, _ attributes: String) {
    if path.data.isEmpty { return }
    text += "<path d=\"\(path.data)\" \(attributes)/>\n"
  }

  mutating func segment(from start: Point, to end: Point, _ attributes: String) {
    var line = SVGPath(height: height)
    line.segment(start, end)
    path(line, attributes)
  }

  /// Attributes of a line; `opacity` and `width` override those of the look.
  static func stroke(_ look: LayerLook, opacity: Double? = nil, width: Double? = nil) -> String {
    let width = width ?? look.lineWidth
    var result = "fill=\"none\" stroke=\"\(colour(look))\" stroke-width=\"\(Markup.number(width))\""
    let opacity = opacity ?? look.opacity
    if opacity < 1 { result += " stroke-opacity=\"\(Markup.number(opacity))\"" }
    let dashes = look.dash.pattern.map { Markup.number($0 * width) }
    return result
      + (dashes.isEmpty
        ? " stroke-linecap=\"round\"" : " stroke-dasharray=\"\(dashes.joined(separator: " "))\"")
  }

  static func colour(_ look: LayerLook) -> String { "#" + look.colour.rawValue.lowercased() }

  /// Draws the shape of a look at every point.
  mutating func shapes(_ points: [Point], _ look: LayerLook, radius: Double, opacity: Double) {
    let dots = Dots(points, diameter: 2 * radius, depth: opacity < 1 ? 12 : 1)
    if dots.paths.isEmpty { return }
    let isDot = look.shape == .circle
    let fill = isDot ? "none" : look.shape.isOpen ? "#fff" : Self.colour(look)
    let line =
      isDot
      ? " stroke=\"\(Self.colour(look))\" stroke-width=\"\(Markup.number(2 * radius))\" stroke-linecap=\"round\""
      : look.shape.isOpen
        ? " stroke=\"\(Self.colour(look))\" stroke-width=\"1.1\""
        : look.shape == .star ? " stroke=\"#000\" stroke-width=\"0.6\"" : ""
    let kind = opacity < 1 ? " opacity=\"\(Markup.number(opacity))\"" : ""
    for points in dots.paths {
      var outline = SVGPath(height: height)
      for point in points { outline.add(look.shape, around: point, radius: radius) }
      path(outline, "fill=\"\(fill)\"\(line)\(kind)")
    }
  }
}

extension SVGPath {
  fileprivate mutating func add(_ shape: Figure.Shape, around centre: Point, radius: Double) {
    let corners = shape.corners(around: centre, radius: radius)
    switch shape {
    case .circle: dot(centre)
    case .openCircle: circle(centre, radius: radius)
    case .cross:
      segment(corners[0], corners[2])
      segment(corners[1], corners[3])
    default: polygon(corners)
    }
  }
}

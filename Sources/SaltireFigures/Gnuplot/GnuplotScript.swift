import Foundation

/// The gnuplot commands that draw a figure. The same figure gives the same script.
struct GnuplotScript {
  private(set) var lines: [String] = [
    "set encoding utf8",
    "set multiplot",
    "unset key",
    "set clip two",
    "set border 31 lw 0.8 lc rgb \"#333333\"",
  ]
  private var dataBlocks = 0
  private let width: Double
  private let height: Double

  /// The script without the choice of terminal and output file.
  var text: String { lines.joined(separator: "\n") + "\n" }

  init(_ figure: Figure) {
    width = Double(figure.width)
    height = Double(figure.height)
    for (panel, plot) in zip(figure.panels, FigureLayout(figure).plots) { draw(panel, plot) }
    lines.append("unset multiplot")
  }

  private mutating func draw(_ panel: Figure.Panel, _ plot: FigureLayout.Plot) {
    lines += ["unset label", "unset arrow", "unset object"]
    setAxes(panel, plot)
    let looks = LayerLook.looks(of: panel)
    var elements: [String] = []
    for (layer, look) in zip(panel.layers, looks) {
      elements += data(layer.mark, look, plot)
      annotate(layer, look, plot)
    }
    if let legend = plot.legend { draw(legend, panel, looks) }
    // A panel without data still shows its axes.
    lines.append(
      "plot " + (elements.isEmpty ? ["NaN notitle"] : elements).joined(separator: ", \\\n  "))
  }

  private mutating func setAxes(_ panel: Figure.Panel, _ plot: FigureLayout.Plot) {
    let frame = plot.frame
    lines += [
      "set lmargin at screen \(frame.left / width)",
      "set rmargin at screen \(frame.right / width)",
      "set bmargin at screen \(frame.bottom / height)",
      "set tmargin at screen \(frame.top / height)",
    ]
    for (name, axis, scale, ticks) in [
      ("x", panel.x, plot.x, plot.xTicks), ("y", panel.y, plot.y, plot.yTicks),
    ] {
      let majors = ticks.major.map { "\(GnuplotText.quoted($0.label)) \($0.value)" }
      let minors = ticks.minor.map { "\"\" \($0) 1" }
      lines.append((axis.scale == .log ? "set" : "unset") + " logscale \(name)")
      lines.append(
        "set \(name)range [\(scale.limits.lowerBound):\(scale.limits.upperBound)] noextend")
      lines.append(
        "set \(name)tics out nomirror scale 0.7,0.4 enhanced \(name == "x" ? "offset 0,0.3" : "") font \",11\" ("
          + (majors + minors).joined(separator: ", ") + ")")
    }
    text(panel.x.label, x: frame.left + frame.width / 2, y: plot.xLabelY, "center")
    text(panel.y.label, x: plot.yLabelX, y: frame.bottom + frame.height / 2, "center rotate by 90")
    if let tag = panel.tag {
      let above = plot.legend.map { $0.isAbove ? $0.height : 0 } ?? 0
      text(tag, x: frame.left, y: frame.top + above + 10, "left")
    }
  }

  // MARK: Data

  /// The plot elements of a layer; its numbers go into data blocks before the plot command.
  private mutating func data(
    _ mark: Figure.Layer.Mark, _ look: LayerLook, _ plot: FigureLayout.Plot
  ) -> [String] {
    switch mark {
    case .points(let x, let y):
      return element([x, y], "1:2 with points \(look.point)")
    case .line(let x, let y), .trajectory(let x, let y):
      return element([x, y], "1:2 with lines \(look.line)")
    case .steps(let x, let y):
      let corners = Self.staircase(x, y)
      return element([corners.map(\.0), corners.map(\.1)], "1:2 with lines \(look.line)")
    case .errorBars(let x, let y, let xError, let yError):
      let style = "1:2 with lines lw \(look.lineWidth * 0.8) lc \(GnuplotText.colour(look.colour))"
      var found: [String] = []
      if let xError {
        let bars = ErrorBars(x, xError, plot.x, across: y, plot.y)
        found += element([bars.along, bars.across], style)
      }
      if let yError {
        let bars = ErrorBars(y, yError, plot.y, across: x, plot.x)
        found += element([bars.across, bars.along], style)
      }
      return found + element([x, y], "1:2 with points \(look.point)")
    case .band(let x, let lower, let upper):
      return band(x, lower, upper, look)
    case .vertical, .horizontal, .marker:
      return []
    }
  }

  private mutating func element(_ columns: [[Double]], _ using: String) -> [String] {
    var rows: [String] = []
    for index in columns[0].indices {
      let row = columns.map { $0[index] }
      // A blank line breaks a curve; a row with a gap must not join its neighbours.
      rows.append(
        row.allSatisfy { abs($0) < Figure.Axis.largest }
          ? row.map(GnuplotText.number).joined(separator: " ") : "")
    }
    guard rows.contains(where: { !$0.isEmpty }) else { return [] }
    return ["\(block(rows)) using \(using) notitle"]
  }

  /// The corners of a curve that holds each value until the next x, also when a gap follows there.
  private static func staircase(_ x: [Double], _ y: [Double]) -> [(Double, Double)] {
    x.indices.flatMap { index in
      index + 1 < x.count
        ? [(x[index], y[index]), (x[index + 1], y[index])] : [(x[index], y[index])]
    }
  }

  /// Every stretch without gaps becomes one closed polygon, since gnuplot's fill between curves
  /// would bridge a gap.
  private mutating func band(
    _ x: [Double], _ lower: [Double], _ upper: [Double], _ look: LayerLook
  ) -> [String] {
    let isGap = x.indices.map { index in
      ![x[index], lower[index], upper[index]].allSatisfy { abs($0) < Figure.Axis.largest }
    }
    return x.indices.split { isGap[$0] }.map { run in
      let outline = run.map { (x[$0], lower[$0]) } + run.reversed().map { (x[$0], upper[$0]) }
      let rows = outline.map { GnuplotText.number($0) + " " + GnuplotText.number($1) }
      return "\(block(rows)) using 1:2 with filledcurves closed"
        + " fc \(GnuplotText.colour(look.colour, opacity: Self.bandOpacity)) fs solid noborder notitle"
    }
  }

  private static let bandOpacity = 0.22

  private mutating func block(_ rows: [String]) -> String {
    dataBlocks += 1
    let name = "$d\(dataBlocks)"
    lines += ["\(name) << EOD"] + rows + ["EOD"]
    return name
  }

  // MARK: Annotations

  private mutating func annotate(
    _ layer: Figure.Layer, _ look: LayerLook, _ plot: FigureLayout.Plot
  ) {
    let frame = plot.frame
    let label = layer.isLabelledBeside ? layer.label : nil
    switch layer.mark {
    case .vertical(let value):
      guard let x = plot.x.visiblePosition(value) else { return }
      segment(from: (x, frame.bottom), to: (x, frame.top), look.line)
      // The label goes to the side with more room.
      let toRight = x < frame.left + frame.width / 2
      if let label {
        text(label, x: x + (toRight ? 5 : -5), y: frame.top - 11, toRight ? "left" : "right")
      }
    case .horizontal(let value):
      guard let y = plot.y.visiblePosition(value) else { return }
      segment(from: (frame.left, y), to: (frame.right, y), look.line)
      let upward = y < frame.bottom + frame.height / 2
      if let label { text(label, x: frame.right - 6, y: y + (upward ? 9 : -9), "right") }
    case .marker(let a, let b):
      guard let x = plot.x.visiblePosition(a), let y = plot.y.visiblePosition(b) else { return }
      shape(look, radius: look.shape == .star ? 7 : 4.5, x: x, y: y)
      let toRight = x < frame.left + frame.width * 0.6
      if let label { text(label, x: x + (toRight ? 10 : -10), y: y, toRight ? "left" : "right") }
    case .trajectory(let xs, let ys):
      let places = zip(xs, ys).compactMap { a, b in
        plot.x.position(a).flatMap { x in plot.y.position(b).map { (x, $0, a, b) } }
      }
      for (end, kind) in [(places.first, Figure.Shape.openCircle), (places.last, .circle)] {
        guard let end, plot.x.limits.contains(end.2), plot.y.limits.contains(end.3) else {
          continue
        }
        var look = look
        look.shape = kind
        shape(look, radius: 4, x: end.0, y: end.1)
      }
    case .points, .line, .steps, .errorBars, .band:
      return
    }
  }

  private mutating func draw(_ legend: LegendBox, _ panel: Figure.Panel, _ looks: [LayerLook]) {
    for (index, entry) in legend.entries.enumerated() {
      let (x, y) = legend.sample(index)
      let look = looks[entry.layer]
      let middle = x + LegendBox.sampleWidth / 2
      let end = x + LegendBox.sampleWidth
      // Faint data would be invisible as a single sample, so the legend shows it stronger.
      switch panel.layers[entry.layer].mark {
      case .points:
        shape(look, radius: max(look.radius, 2.2), opacity: max(look.opacity, 0.7), x: middle, y: y)
      case .line, .steps, .trajectory, .vertical, .horizontal:
        segment(from: (x, y), to: (end, y), look.line(opacity: max(look.opacity, 0.6)))
      case .errorBars(_, _, let xError, let yError):
        let bar = "lw \(look.lineWidth * 0.8) lc \(GnuplotText.colour(look.colour)) dt solid"
        let cap = ErrorBars.cap
        if xError != nil {
          segment(from: (middle - 8, y), to: (middle + 8, y), bar)
          for x in [middle - 8, middle + 8] { segment(from: (x, y - cap), to: (x, y + cap), bar) }
        }
        if yError != nil {
          segment(from: (middle, y - 6), to: (middle, y + 6), bar)
          for y in [y - 6, y + 6] {
            segment(from: (middle - cap, y), to: (middle + cap, y), bar)
          }
        }
        shape(look, radius: look.radius, x: middle, y: y)
      case .band:
        let corners = [(x, y - 4.5), (end, y - 4.5), (end, y + 4.5), (x, y + 4.5)]
        polygon(corners, look.colour, opacity: Self.bandOpacity)
      case .marker: shape(look, radius: look.shape == .star ? 6.5 : 4, x: middle, y: y)
      }
      text(entry.text, x: end + 6, y: y, "left")
    }
  }

  // MARK: Primitives, in points on the page

  /// A millionth of the page is far below what can be seen and above what the mathematical
  /// functions of one processor and another differ by.
  private func at(_ x: Double, _ y: Double) -> String {
    String(format: "screen %.6f,%.6f", x / width, y / height)
  }

  private mutating func text(_ text: String, x: Double, y: Double, _ placement: String) {
    lines.append(
      "set label \(GnuplotText.quoted(text)) at \(at(x, y)) \(placement) noenhanced front")
  }

  private mutating func segment(
    from start: (Double, Double), to end: (Double, Double), _ look: String
  ) {
    lines.append(
      "set arrow from \(at(start.0, start.1)) to \(at(end.0, end.1)) nohead front \(look)")
  }

  private mutating func shape(
    _ look: LayerLook, radius: Double, opacity: Double = 1, x: Double, y: Double
  ) {
    if look.shape == .star {
      let corners = (0..<10).map { (index: Int) -> (Double, Double) in
        let reach = index.isMultiple(of: 2) ? radius : radius * 0.42
        let angle = Double(index) * .pi / 5
        return (x + reach * sin(angle), y + reach * cos(angle))
      }
      polygon(corners, look.colour, opacity: opacity, outline: true)
    } else {
      lines.append(
        "set label \"\" at \(at(x, y)) front point \(look.point(opacity: opacity, radius: radius))")
    }
  }

  private mutating func polygon(
    _ corners: [(Double, Double)], _ colour: Figure.Colour, opacity: Double, outline: Bool = false
  ) {
    let path = (corners + corners.prefix(1)).map { at($0.0, $0.1) }.joined(separator: " to ")
    lines.append(
      "set object polygon from \(path) front fc \(GnuplotText.colour(colour, opacity: opacity))"
        + " fs solid \(outline ? "border lc rgb \"#000000\" lw 0.6" : "noborder")")
  }
}

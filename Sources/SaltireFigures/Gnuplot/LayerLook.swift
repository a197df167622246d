/// The look of one layer with nothing left open: style, place in the panel and kind of mark.
struct LayerLook: Equatable {
  var colour: Figure.Colour
  var shape: Figure.Shape
  var dash: Figure.Dash
  var weight: Figure.Weight

  /// The looks of all layers of a panel. Each kind of variety is spent only where it shows:
  /// shapes on points, dashes on lines.
  static func looks(of panel: Figure.Panel) -> [LayerLook] {
    var colours = 0
    var shapes = 0
    var dashes = 0
    func next<Value>(_ counter: inout Int, _ cycle: [Value]) -> Value {
      counter += 1
      return cycle[(counter - 1) % cycle.count]
    }
    return panel.layers.map { layer in
      var look = LayerLook(colour: .black, shape: .star, dash: .dashed, weight: layer.style.weight)
      if layer.mark.takesPaletteColour { look.colour = next(&colours, Figure.Colour.cycle) }
      switch layer.mark {
      case .points, .errorBars: look.shape = next(&shapes, Figure.Shape.cycle)
      case .line(let x, _), .steps(let x, _), .trajectory(let x, _):
        // Dashes are lost in the zigzag of dense data.
        look.dash = next(&dashes, x.count > 200 ? [.solid] : Figure.Dash.cycle)
      case .band, .vertical, .horizontal, .marker: break
      }
      look.colour = layer.style.colour ?? look.colour
      look.shape = layer.style.shape ?? look.shape
      look.dash = layer.style.dash ?? look.dash
      return look
    }
  }

  /// Line width in points.
  var lineWidth: Double {
    switch weight {
    case .faint: 0.8
    case .normal: 1.4
    case .strong: 2.2
    }
  }

  var opacity: Double { weight == .faint ? 0.35 : 1 }

  /// Radius of a shape in points.
  var radius: Double {
    switch weight {
    case .faint: 1.3
    case .normal: 2.7
    case .strong: 3.5
    }
  }

  /// `lw ... lc ... dt ...`
  var line: String { line(opacity: opacity) }

  func line(opacity: Double) -> String {
    "lw \(lineWidth) lc \(GnuplotText.colour(colour, opacity: opacity)) dt \(dash.pattern)"
  }

  /// `pt ... ps ... lc ...`; one unit of gnuplot's point size is a radius of 4.5 points.
  func point(opacity: Double, radius: Double) -> String {
    "pt \(shape.pointType) ps \(radius / 4.5) lw 1.1"
      + " lc \(GnuplotText.colour(colour, opacity: opacity))"
  }

  var point: String { point(opacity: opacity, radius: radius) }
}

extension Figure.Dash {
  /// Lengths of dashes and gaps in halves of the line width.
  var pattern: String {
    switch self {
    case .solid: "solid"
    case .dashed: "(10,7)"
    case .dotted: "(3,5)"
    case .dashDotted: "(14,6,3,6)"
    }
  }
}

extension Figure.Shape {
  /// The number gnuplot gives this shape. It has no filled star: one is drawn as a polygon, and
  /// as an asterisk where a series asks for many.
  var pointType: Int {
    switch self {
    case .cross: 2
    case .star: 3
    case .openSquare: 4
    case .square: 5
    case .openCircle: 6
    case .circle: 7
    case .openTriangle: 8
    case .triangle: 9
    case .openDiamond: 12
    case .diamond: 13
    }
  }
}

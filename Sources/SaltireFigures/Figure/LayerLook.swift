/// The complete look of one layer: style, position in the panel and kind of mark.
struct LayerLook: Equatable {
  var colour: Figure.Colour
  var shape: Figure.Shape
  var dash: Figure.Dash
  var weight: Figure.Weight

  /// The looks of all layers of a panel. Each kind of variation is used only where it is visible:
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

  var opacity: Double { weight == .faint ? 0.45 : 1 }

  /// Radius of a shape in points.
  var radius: Double {
    switch weight {
    case .faint: 1.3
    case .normal: 2.7
    case .strong: 3
    }
  }
}

extension Figure.Dash {
  /// Lengths of dashes and gaps in line widths.
  var pattern: [Double] {
    switch self {
    case .solid: []
    case .dashed: [3.5, 2.5]
    case .dotted: [1.5, 2]
    case .dashDotted: [5, 2, 1.5, 2]
    }
  }
}

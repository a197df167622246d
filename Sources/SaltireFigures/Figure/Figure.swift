/// One figure of a report: panels in a grid, without a title, which belongs in the caption.
///
/// The numbers of a figure are already in the units of its axis labels. A figure is independent of
/// how it is drawn; ``SVGImage`` draws it.
public struct Figure: Sendable, Equatable {
  /// The panels, row by row from the top left.
  public var panels: [Panel]
  /// Panels in one row; the last row may be shorter.
  public var columns: Int
  /// Width in typographic points: pixels of an SVG, half the pixels of a PNG, 1/72 inch of a
  /// PDF.
  public var width: Int
  /// Height in the same unit as ``width``.
  public var height: Int

  public init(panels: [Panel], columns: Int = 1, width: Int = 640, height: Int = 400) {
    self.panels = panels
    self.columns = columns
    self.width = width
    self.height = height
  }

  /// A figure of one panel.
  public init(_ panel: Panel, width: Int = 640, height: Int = 400) {
    self.init(panels: [panel], columns: 1, width: width, height: height)
  }

  /// Number of rows the panels fill.
  public var rows: Int { (panels.count + columns - 1) / max(columns, 1) }

  /// Checks what the type cannot express: lengths that must agree and ranges that must be ordered.
  /// - Throws: ``FigureError`` naming the panel and the layer at fault.
  public func validate() throws(FigureError) {
    guard !panels.isEmpty, columns >= 1 else { throw .noPanels }
    guard width >= 100, height >= 80, width <= 16_000, height <= 16_000 else {
      throw .size(width: width, height: height)
    }
    for (index, panel) in panels.enumerated() {
      try panel.x.validate(panel: index, axis: "x")
      try panel.y.validate(panel: index, axis: "y")
      if panel.equalAspect && (panel.x.scale == .log || panel.y.scale == .log) {
        throw .equalAspectOnLogAxis(panel: index)
      }
      for (number, layer) in panel.layers.enumerated() where !layer.mark.lengthsAgree {
        throw .lengthsDiffer(panel: index, layer: number)
      }
    }
  }
}

/// Why a figure cannot be drawn. Panels and layers are counted from 0.
public enum FigureError: Error, Sendable, Equatable {
  case noPanels
  /// Outside 100 x 80 to 16 000 x 16 000 points: cairo draws no larger PNG.
  case size(width: Int, height: Int)
  /// The arrays of one layer have different lengths.
  case lengthsDiffer(panel: Int, layer: Int)
  /// A fixed range is empty, not finite, or not positive on a logarithmic axis.
  case range(panel: Int, axis: String)
  /// Equal aspect has no meaning on a logarithmic axis.
  case equalAspectOnLogAxis(panel: Int)
}

extension FigureError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noPanels: "the figure has no panels"
    case .size(let width, let height): "invalid figure size: \(width) x \(height) points"
    case .lengthsDiffer(let panel, let layer):
      "the arrays of layer \(layer) in panel \(panel) have different lengths"
    case .range(let panel, let axis): "the fixed \(axis) range of panel \(panel) cannot be drawn"
    case .equalAspectOnLogAxis(let panel):
      "panel \(panel) asks for equal aspect on a logarithmic axis"
    }
  }
}

/// One line of a legend: the layer whose look it explains, and the text.
struct LegendEntry: Equatable {
  var layer: Int
  var text: String

  /// The entries of a panel, in the order of its layers.
  static func entries(of panel: Figure.Panel) -> [LegendEntry] {
    panel.layers.enumerated().compactMap { index, layer in
      guard let text = layer.label, !layer.isLabelledBeside else { return nil }
      return LegendEntry(layer: index, text: text)
    }
  }
}

extension Figure.Layer {
  /// Whether the label stands next to what it names instead of in the legend.
  var isLabelledBeside: Bool {
    guard labelPlacement == .beside else { return false }
    switch mark {
    case .vertical, .horizontal, .marker: return true
    default: return false
    }
  }
}

/// A placed legend: its box in points and the grid of its entries.
struct LegendBox: Equatable {
  static let sampleWidth = 24.0
  static let rowHeight = 16.0
  private static let gap = 6.0
  private static let inset = 7.0

  var entries: [LegendEntry]
  var isAbove: Bool
  var columns: Int
  var columnWidth: Double
  var left: Double
  var top: Double

  var rows: Int { (entries.count + columns - 1) / columns }
  var width: Double { Double(columns) * columnWidth }
  var height: Double { Double(rows) * Self.rowHeight }

  /// Left end and middle height of the sample of an entry; its text starts ``sampleWidth`` and a
  /// gap further right.
  func sample(_ index: Int) -> (x: Double, y: Double) {
    (
      left + Double(index % columns) * columnWidth,
      top - (Double(index / columns) + 0.5) * Self.rowHeight
    )
  }

  /// - Parameter above: Settles the choice of `.automatic` beforehand.
  init?(
    _ entries: [LegendEntry], panel: Figure.Panel, x: AxisScale, y: AxisScale,
    frame: FigureLayout.Box, above: Bool?
  ) {
    guard panel.legend != .none, !entries.isEmpty else { return nil }
    self.entries = entries
    columnWidth =
      Self.sampleWidth + Self.gap * 2 + (entries.map { TextWidth.points($0.text) }.max() ?? 0)
    isAbove = false
    columns = 1
    left = 0
    top = 0
    let corner: Figure.Legend
    if panel.legend == .automatic {
      let best = above == true ? nil : freeCorner(panel, x, y, frame, required: above == nil)
      corner = best ?? .above
    } else {
      corner = panel.legend
    }
    if corner == .above {
      isAbove = true
      columns = min(entries.count, max(1, Int(frame.width / columnWidth)))
      (left, top) = (frame.left, frame.top + 3 + height)
    } else {
      (left, top) = origin(corner, frame)
    }
  }

  private func origin(_ corner: Figure.Legend, _ frame: FigureLayout.Box) -> (Double, Double) {
    let isRight = corner == .topRight || corner == .bottomRight
    let isTop = corner == .topRight || corner == .topLeft
    return (
      isRight ? frame.right - Self.inset - width : frame.left + Self.inset,
      isTop ? frame.top - Self.inset : frame.bottom + Self.inset + height
    )
  }

  /// The first corner that hides nothing; without one, nil if a free corner is required and the
  /// least occupied one otherwise.
  private func freeCorner(
    _ panel: Figure.Panel, _ x: AxisScale, _ y: AxisScale, _ frame: FigureLayout.Box,
    required: Bool
  ) -> Figure.Legend? {
    if required && (width > frame.width * 0.7 || height > frame.height * 0.5) { return nil }
    let ink = panel.layers.flatMap { InkSample.points(of: $0, x: x, y: y) }
    let corners: [Figure.Legend] = [.topRight, .topLeft, .bottomRight, .bottomLeft]
    let hits = corners.map { corner in
      let (left, top) = origin(corner, frame)
      return ink.count {
        $0.x > left - 6 && $0.x < left + width + 6 && $0.y < top + 6 && $0.y > top - height - 6
      }
    }
    guard let fewest = hits.min(), fewest == 0 || !required else { return nil }
    return hits.firstIndex(of: fewest).map { corners[$0] }
  }
}

/// One entry of a legend: a layer and its text.
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
  /// Whether the label is next to its mark instead of in the legend.
  var isLabelledBeside: Bool {
    guard labelPlacement == .beside else { return false }
    switch mark {
    case .vertical, .horizontal, .marker: return true
    default: return false
    }
  }
}

/// A placed legend: its box in points and where its entries are in it.
struct LegendBox: Equatable {
  struct Item: Equatable {
    var entry: LegendEntry
    /// Left end of the sample, from the left of the box.
    var x: Double
    var row: Int
  }

  static let sampleWidth = 24.0
  static let gap = 6.0
  private static let rowHeight = 16.0
  private static let between = 16.0
  private static let inset = 7.0

  private(set) var items: [Item]
  private(set) var isAbove = false
  private(set) var left = 0.0
  private(set) var top = 0.0
  private(set) var width: Double

  var height: Double { Double((items.last?.row ?? -1) + 1) * Self.rowHeight }

  /// Left end and middle height of the sample of an item; its text starts ``sampleWidth`` and a
  /// ``gap`` further right.
  func sample(_ item: Item) -> (x: Double, y: Double) {
    (left + item.x, top - (Double(item.row) + 0.5) * Self.rowHeight)
  }

  /// - Parameter above: Whether there was no room for it in the frame before.
  init?(
    _ entries: [LegendEntry], panel: Figure.Panel, x: AxisScale, y: AxisScale,
    frame: FigureLayout.Box, above: Bool
  ) {
    guard panel.legend != .none, !entries.isEmpty else { return nil }
    let room = frame.width - Self.sampleWidth - Self.gap - 2 * Self.inset
    items = entries.enumerated().map { row, entry in
      let text = TextWidth.fitted(entry.text, to: room)
      return Item(entry: LegendEntry(layer: entry.layer, text: text), x: 0, row: row)
    }
    width = items.map { Self.width(of: $0.entry) }.max() ?? 0
    var corner = panel.legend
    if corner == .automatic { corner = above ? .above : freeCorner(panel, x, y, frame) ?? .above }
    if corner == .above {
      isAbove = true
      flow(within: frame.width)
      (left, top) = (frame.left, frame.top + 3 + height)
    } else {
      (left, top) = origin(corner, frame)
    }
  }

  private static func width(of entry: LegendEntry) -> Double {
    sampleWidth + gap + TextWidth.points(entry.text)
  }

  /// Sets the entries side by side, in as many rows as they need.
  private mutating func flow(within width: Double) {
    var x = 0.0
    var row = 0
    for index in items.indices {
      let own = Self.width(of: items[index].entry)
      if x > 0, x + own > width { (x, row) = (0, row + 1) }
      (items[index].x, items[index].row) = (x, row)
      x += own + Self.between
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

  /// The first corner in which the legend hides nothing.
  private func freeCorner(
    _ panel: Figure.Panel, _ x: AxisScale, _ y: AxisScale, _ frame: FigureLayout.Box
  ) -> Figure.Legend? {
    if width > frame.width * 0.7 || height > frame.height * 0.5 { return nil }
    let ink = panel.layers.flatMap { InkSample.points(of: $0, x: x, y: y) }
    return [.topRight, .topLeft, .bottomRight, .bottomLeft].first { corner in
      let (left, top) = origin(corner, frame)
      return !ink.contains {
        $0.x > left - 6 && $0.x < left + width + 6 && $0.y < top + 6 && $0.y > top - height - 6
      }
    }
  }
}

/// The positions of all parts of a figure, in points from the lower left corner.
///
/// The renderer decides nothing: frames of one column and one row line up, and SVG, PNG and PDF are
/// the same picture.
struct FigureLayout {
  struct Point: Equatable {
    var x: Double
    var y: Double
  }

  struct Box: Equatable {
    var left: Double
    var bottom: Double
    var width: Double
    var height: Double
    var right: Double { left + width }
    var top: Double { bottom + height }
  }

  struct Plot {
    /// The area of the panel.
    var cell: Box
    var frame: Box
    var x: AxisScale
    var y: AxisScale
    var xTicks: Ticks
    var yTicks: Ticks
    var legend: LegendBox?
    /// Middle of the axis label and of the tag; those of one column or row line up.
    var yLabelX = 0.0
    var xLabelY: Double
    var tagY: Double
  }

  private(set) var plots: [Plot] = []

  /// Length of a tick with the gap to its label.
  static let tickRoom = 8.0
  private static let lineHeight = 15.0
  private static let edge = 8.0
  private static let xSpacing = 68.0
  private static let ySpacing = 42.0

  private struct Margins {
    var left = 0.0
    var right = 0.0
    var top = 0.0
    var bottom = 0.0
  }

  init(_ figure: Figure) {
    let cells = figure.panels.indices.map { Self.cell($0, of: figure) }
    let entries = figure.panels.map(LegendEntry.entries)
    var frames = cells.map {
      Box(left: $0.left, bottom: $0.bottom, width: $0.width - 75, height: $0.height - 60)
    }
    var isAbove = figure.panels.map { _ in false }
    // The margins depend on the tick labels and on where the legend fits, which depend on the
    // size of the frame. A legend that went above the frame stays there, so this ends.
    for pass in 0... {
      plots = figure.panels.indices.map {
        Self.plot(
          figure.panels[$0], entries: entries[$0], cell: cells[$0], frame: frames[$0],
          isAbove: isAbove[$0])
      }
      let found = plots.map { $0.legend?.isAbove ?? false }
      if pass >= 2, found == isAbove { break }
      isAbove = found
      frames = Self.frames(figure, cells, plots)
    }
    for index in plots.indices {
      let inColumn = plots.indices.filter { $0 % figure.columns == index % figure.columns }
      let ticks = inColumn.map { plots[$0].yTicks.widestLabel }.max() ?? 0
      let left = inColumn.map { plots[$0].frame.left }.min() ?? 0
      plots[index].yLabelX = left - Self.tickRoom - ticks - Self.lineHeight * 0.8
    }
  }

  private static func cell(_ index: Int, of figure: Figure) -> Box {
    let width = Double(figure.width) / Double(figure.columns)
    let height = Double(figure.height) / Double(figure.rows)
    return Box(
      left: Double(index % figure.columns) * width,
      bottom: Double(figure.rows - 1 - index / figure.columns) * height,
      width: width, height: height)
  }

  /// Frames with margins for the labels around them, the same in a column and in a row.
  private static func frames(_ figure: Figure, _ cells: [Box], _ plots: [Plot]) -> [Box] {
    let margins = zip(figure.panels, plots).map(margins)
    func largest(_ side: KeyPath<Margins, Double>, _ isBeside: (Int) -> Bool) -> Double {
      margins.indices.filter(isBeside).map { margins[$0][keyPath: side] }.max() ?? 0
    }
    return cells.indices.map { index in
      let isInColumn = { $0 % figure.columns == index % figure.columns }
      let isInRow = { $0 / figure.columns == index / figure.columns }
      let left = largest(\.left, isInColumn)
      let bottom = largest(\.bottom, isInRow)
      return Box(
        left: cells[index].left + left, bottom: cells[index].bottom + bottom,
        width: max(cells[index].width - left - largest(\.right, isInColumn), 20),
        height: max(cells[index].height - bottom - largest(\.top, isInRow), 20))
    }
  }

  private static func plot(
    _ panel: Figure.Panel, entries: [LegendEntry], cell: Box, frame: Box, isAbove: Bool
  ) -> Plot {
    let extents = panel.layers.map(\.mark.extent)
    var xLimits = panel.x.limits(of: extents.flatMap(\.x))
    var yLimits = panel.y.limits(of: extents.flatMap(\.y))
    var frame = frame
    if panel.equalAspect { Self.equalise(panel, &xLimits, &yLimits, &frame) }
    let x = AxisScale(limits: xLimits, scale: panel.x.scale, start: frame.left, length: frame.width)
    let y = AxisScale(
      limits: yLimits, scale: panel.y.scale, start: frame.bottom, length: frame.height)
    var xTicks = Ticks(xLimits, scale: panel.x.scale, length: frame.width, spacing: xSpacing)
    xTicks.dropCrowded(on: x) { $0.width + 8 }
    // Equal scales should have equal tick spacing.
    let ySpacing = panel.equalAspect ? xSpacing : ySpacing
    var yTicks = Ticks(yLimits, scale: panel.y.scale, length: frame.height, spacing: ySpacing)
    yTicks.dropCrowded(on: y) { _ in Ticks.fontSize }
    return Plot(
      cell: cell, frame: frame, x: x, y: y, xTicks: xTicks, yTicks: yTicks,
      legend: LegendBox(entries, panel: panel, x: x, y: y, frame: frame, above: isAbove),
      xLabelY: frame.bottom - tickRoom - lineHeight * 1.6,
      tagY: cell.top - edge - lineHeight / 2)
  }

  private static func margins(_ panel: Figure.Panel, _ plot: Plot) -> Margins {
    let label = { (text: String) in text.isEmpty ? 0 : lineHeight + 3 }
    let tag = panel.tag == nil ? 0 : lineHeight + 2
    let legend = plot.legend.map { $0.isAbove ? $0.height + 2 : 0 } ?? 0
    return Margins(
      left: max(
        edge + label(panel.y.label) + plot.yTicks.widestLabel + tickRoom,
        plot.xTicks.widestLabel / 2 + 3),
      right: max(plot.xTicks.widestLabel / 2 + 3, edge),
      top: edge + tag + legend,
      bottom: edge + lineHeight + tickRoom + label(panel.x.label))
  }

  /// Makes one unit equally long on both axes.
  private static func equalise(
    _ panel: Figure.Panel, _ x: inout ClosedRange<Double>, _ y: inout ClosedRange<Double>,
    _ frame: inout Box
  ) {
    let xWidth = x.upperBound - x.lowerBound
    let yWidth = y.upperBound - y.lowerBound
    let pointsPerUnit = min(frame.width / xWidth, frame.height / yWidth)
    if panel.x.range == .automatic {
      x = widened(x, to: frame.width / pointsPerUnit)
    } else {
      let width = xWidth * pointsPerUnit
      frame.left += (frame.width - width) / 2
      frame.width = width
    }
    if panel.y.range == .automatic {
      y = widened(y, to: frame.height / pointsPerUnit)
    } else {
      let height = yWidth * pointsPerUnit
      frame.bottom += (frame.height - height) / 2
      frame.height = height
    }
  }

  private static func widened(_ range: ClosedRange<Double>, to width: Double)
    -> ClosedRange<Double>
  {
    let extra = max(0, width - (range.upperBound - range.lowerBound)) / 2
    return range.lowerBound - extra...range.upperBound + extra
  }
}

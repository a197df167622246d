/// Where every part of a figure goes, in points from the lower left corner.
///
/// Everything is placed here rather than by gnuplot, whose automatic margins differ from panel to
/// panel and from terminal to terminal: frames of one column and one row line up, and SVG, PNG and
/// PDF are the same picture.
struct FigureLayout {
  struct Box: Equatable {
    var left: Double
    var bottom: Double
    var width: Double
    var height: Double
    var right: Double { left + width }
    var top: Double { bottom + height }
  }

  struct Plot {
    var frame: Box
    var x: AxisScale
    var y: AxisScale
    var xTicks: Ticks
    var yTicks: Ticks
    var legend: LegendBox?
    /// Left edge of the column of axis labels, so that the labels of one column line up.
    var yLabelX: Double
    var xLabelY: Double
  }

  var plots: [Plot]

  private static let tickRoom = 9.0
  private static let lineHeight = 15.0
  /// Between the y axis's numbers and its label: SVG viewers set a rotated
  /// text nearer to the axis than cairo does.
  private static let labelRoom = 7.0
  private static let edge = 8.0
  private static let xSpacing = 68.0
  private static let ySpacing = 42.0

  private struct Margins {
    var left = 0.0
    var right = 0.0
    var top = 0.0
    var bottom = 0.0
    var ticks = 0.0
  }

  init(_ figure: Figure) {
    let cellWidth = Double(figure.width) / Double(figure.columns)
    let cellHeight = Double(figure.height) / Double(figure.rows)
    let entries = figure.panels.map(LegendEntry.entries)
    var frames = figure.panels.map { _ in
      Box(left: 0, bottom: 0, width: cellWidth - 75, height: cellHeight - 60)
    }
    // The margins depend on the tick labels and on where the legend fits, which depend on the
    // size of the frame: the first pass guesses the size, the second has it.
    plots = []
    for _ in 0..<2 {
      plots = figure.panels.indices.map {
        Self.plot(figure.panels[$0], entries: entries[$0], frame: frames[$0])
      }
      let margins = figure.panels.indices.map { Self.margins(figure.panels[$0], plots[$0]) }
      for index in figure.panels.indices {
        let row = index / figure.columns
        let column = index % figure.columns
        let inColumn = margins.indices.filter { $0 % figure.columns == column }.map { margins[$0] }
        let inRow = margins.indices.filter { $0 / figure.columns == row }.map { margins[$0] }
        let left = inColumn.map(\.left).max() ?? 0
        let right = inColumn.map(\.right).max() ?? 0
        let top = inRow.map(\.top).max() ?? 0
        let bottom = inRow.map(\.bottom).max() ?? 0
        frames[index] = Box(
          left: Double(column) * cellWidth + left,
          bottom: Double(figure.rows - 1 - row) * cellHeight + bottom,
          width: max(cellWidth - left - right, 20), height: max(cellHeight - top - bottom, 20))
      }
    }
    plots = figure.panels.indices.map { index in
      // A second opinion on the legend could move it above, where no room was kept.
      let legendAbove = plots[index].legend?.isAbove ?? false
      return Self.plot(
        figure.panels[index], entries: entries[index], frame: frames[index],
        legendAbove: legendAbove)
    }
    for index in plots.indices {
      let inColumn = plots.indices.filter { $0 % figure.columns == index % figure.columns }
      let ticks = inColumn.map { plots[$0].yTicks.widestLabel }.max() ?? 0
      let left = inColumn.map { plots[$0].frame.left }.min() ?? 0
      plots[index].yLabelX = left - Self.tickRoom - Self.labelRoom - ticks - Self.lineHeight * 0.75
    }
  }

  private static func plot(
    _ panel: Figure.Panel, entries: [LegendEntry], frame: Box, legendAbove: Bool? = nil
  ) -> Plot {
    let extents = panel.layers.map(\.mark.extent)
    var xLimits = panel.x.limits(of: extents.flatMap(\.x))
    var yLimits = panel.y.limits(of: extents.flatMap(\.y))
    var frame = frame
    if panel.equalAspect { Self.equalise(panel, &xLimits, &yLimits, &frame) }
    let x = AxisScale(limits: xLimits, scale: panel.x.scale, start: frame.left, length: frame.width)
    let y = AxisScale(
      limits: yLimits, scale: panel.y.scale, start: frame.bottom, length: frame.height)
    // Equal scales deserve equal steps.
    let ySpacing = panel.equalAspect ? xSpacing : ySpacing
    return Plot(
      frame: frame, x: x, y: y,
      xTicks: Ticks(xLimits, scale: panel.x.scale, length: frame.width, spacing: xSpacing),
      yTicks: Ticks(yLimits, scale: panel.y.scale, length: frame.height, spacing: ySpacing),
      legend: LegendBox(entries, panel: panel, x: x, y: y, frame: frame, above: legendAbove),
      yLabelX: 0,
      xLabelY: frame.bottom - tickRoom - lineHeight * 1.55)
  }

  private static func margins(_ panel: Figure.Panel, _ plot: Plot) -> Margins {
    let lastLabel = plot.xTicks.major.last.map { TextWidth.points($0.label) / 2 } ?? 0
    let labelHeight = { (text: String) in
      text.isEmpty ? 0 : Double(TextWidth.lines(text)) * lineHeight + 3
    }
    let tag = panel.tag == nil ? 0 : lineHeight + 2
    let legend = plot.legend.map { $0.isAbove ? $0.height + 2 : 0 } ?? 0
    return Margins(
      left: edge + labelHeight(panel.y.label) + plot.yTicks.widestLabel + tickRoom
        + (panel.y.label.isEmpty ? 0 : labelRoom),
      right: max(lastLabel, edge),
      top: edge + tag + legend,
      bottom: edge + lineHeight + tickRoom + labelHeight(panel.x.label))
  }

  /// Makes one unit as long on both axes.
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

extension Figure {
  /// One thing drawn on a panel. A point with a coordinate that is not finite is a gap.
  public struct Layer: Sendable, Equatable {
    public enum Mark: Sendable, Equatable {
      case points(x: [Double], y: [Double])
      /// Straight segments, broken at gaps.
      case line(x: [Double], y: [Double])
      /// Each value is held until the next x.
      case steps(x: [Double], y: [Double])
      /// Points with symmetric bars of these half-lengths.
      case errorBars(x: [Double], y: [Double], xError: [Double]?, yError: [Double]?)
      /// The area between two curves.
      case band(x: [Double], lower: [Double], upper: [Double])
      /// A line across the whole panel at this x.
      case vertical(Double)
      /// A line across the whole panel at this y.
      case horizontal(Double)
      /// One emphasised point.
      case marker(x: Double, y: Double)
      /// A line with an open circle at its first point and a filled one at its last.
      case trajectory(x: [Double], y: [Double])
    }

    /// Where the label is written.
    public enum LabelPlacement: Sendable, Equatable {
      case legend
      /// Next to a marker or a reference line; other layers are always listed in the legend.
      case beside
    }

    public var mark: Mark
    public var label: String?
    public var labelPlacement: LabelPlacement
    public var style: Style

    public init(
      _ mark: Mark, label: String? = nil, labelPlacement: LabelPlacement = .legend,
      style: Style = Style()
    ) {
      self.mark = mark
      self.label = label
      self.labelPlacement = labelPlacement
      self.style = style
    }
  }
}

extension Figure.Layer {
  public static func points(
    _ x: [Double], _ y: [Double], label: String? = nil, style: Figure.Style = .init()
  ) -> Self { Self(.points(x: x, y: y), label: label, style: style) }

  public static func line(
    _ x: [Double], _ y: [Double], label: String? = nil, style: Figure.Style = .init()
  ) -> Self { Self(.line(x: x, y: y), label: label, style: style) }

  public static func steps(
    _ x: [Double], _ y: [Double], label: String? = nil, style: Figure.Style = .init()
  ) -> Self { Self(.steps(x: x, y: y), label: label, style: style) }

  public static func errorBars(
    _ x: [Double], _ y: [Double], xError: [Double]? = nil, yError: [Double]? = nil,
    label: String? = nil, style: Figure.Style = .init()
  ) -> Self {
    Self(.errorBars(x: x, y: y, xError: xError, yError: yError), label: label, style: style)
  }

  public static func band(
    _ x: [Double], lower: [Double], upper: [Double], label: String? = nil,
    style: Figure.Style = .init()
  ) -> Self { Self(.band(x: x, lower: lower, upper: upper), label: label, style: style) }

  /// A dashed line across the panel.
  public static func vertical(
    _ x: Double, label: String? = nil, labelPlacement: LabelPlacement = .legend,
    style: Figure.Style = .init(colour: .black, dash: .dashed)
  ) -> Self { Self(.vertical(x), label: label, labelPlacement: labelPlacement, style: style) }

  /// A dashed line across the panel.
  public static func horizontal(
    _ y: Double, label: String? = nil, labelPlacement: LabelPlacement = .legend,
    style: Figure.Style = .init(colour: .black, dash: .dashed)
  ) -> Self { Self(.horizontal(y), label: label, labelPlacement: labelPlacement, style: style) }

  public static func marker(
    x: Double, y: Double, label: String? = nil, labelPlacement: LabelPlacement = .legend,
    style: Figure.Style = .init(colour: .vermilion, shape: .star)
  ) -> Self {
    Self(.marker(x: x, y: y), label: label, labelPlacement: labelPlacement, style: style)
  }

  public static func trajectory(
    _ x: [Double], _ y: [Double], label: String? = nil, style: Figure.Style = .init()
  ) -> Self { Self(.trajectory(x: x, y: y), label: label, style: style) }
}

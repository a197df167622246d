extension Figure {
  /// The look of a layer. Properties that are nil follow from the position of the layer in its
  /// panel, so that layers differ in colour and also in shape or dash.
  public struct Style: Sendable, Equatable {
    public var colour: Colour?
    public var shape: Shape?
    public var dash: Dash?
    public var weight: Weight

    public init(
      colour: Colour? = nil, shape: Shape? = nil, dash: Dash? = nil, weight: Weight = .normal
    ) {
      self.colour = colour
      self.shape = shape
      self.dash = dash
      self.weight = weight
    }

    /// Small translucent points or a thin translucent line, for raw data behind a result.
    public static let faint = Style(weight: .faint)
  }

  /// The colours of Okabe and Ito, which people with common colour vision deficiencies can
  /// distinguish, and neutrals.
  public enum Colour: String, Sendable, Equatable, CaseIterable {
    case blue = "0072B2"
    case vermilion = "D55E00"
    case green = "009E73"
    case purple = "CC79A7"
    case orange = "E69F00"
    case sky = "56B4E9"
    case black = "000000"
    case grey = "7F7F7F"

    /// The order in which layers use colours; yellow, too faint on white, is excluded.
    static let cycle: [Colour] = [.blue, .vermilion, .green, .purple, .orange, .sky, .black]
  }

  public enum Shape: Sendable, Equatable, CaseIterable {
    case circle, openCircle, square, openSquare, triangle, openTriangle, diamond, openDiamond
    case cross
    /// A filled five-pointed star.
    case star

    static let cycle: [Shape] = [
      .circle, .square, .triangle, .diamond, .openCircle, .openSquare, .openTriangle,
    ]
  }

  public enum Dash: Sendable, Equatable, CaseIterable {
    case solid, dashed, dotted, dashDotted

    static let cycle: [Dash] = [.solid, .dashed, .dashDotted, .dotted]
  }

  public enum Weight: Sendable, Equatable {
    case normal
    /// For dense raw data: small and translucent, so that density shows.
    case faint
    case strong
  }
}

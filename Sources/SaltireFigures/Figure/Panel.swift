extension Figure {
  /// One pair of axes and what is drawn on them, in order from back to front.
  public struct Panel: Sendable, Equatable {
    public var x: Axis
    public var y: Axis
    public var layers: [Layer]
    public var legend: Legend
    /// One unit of x is as long as one unit of y: automatic ranges grow, or the frame shrinks
    /// when both are fixed.
    public var equalAspect: Bool
    /// A short name above the frame, such as "(a)" or "Device 1".
    public var tag: String?

    public init(
      x: Axis, y: Axis, layers: [Layer], legend: Legend = .automatic, equalAspect: Bool = false,
      tag: String? = nil
    ) {
      self.x = x
      self.y = y
      self.layers = layers
      self.legend = legend
      self.equalAspect = equalAspect
      self.tag = tag
    }
  }

  /// Where the labels of a panel's layers are listed.
  public enum Legend: Sendable, Equatable, CaseIterable {
    /// The first corner free of data, or above the frame when there is none.
    case automatic
    case topRight, topLeft, bottomRight, bottomLeft
    /// In rows above the frame.
    case above
    case none
  }
}

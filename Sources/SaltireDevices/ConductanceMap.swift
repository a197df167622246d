/// The straight line between weights and conductances: w = (G − zero)/scale.
public struct ConductanceMap: Sendable, Equatable {
  /// Conductance of one weight unit, S.
  public var scale: Double
  /// Conductance at weight 0, S.
  public var zero: Double

  /// The line through (0, `zero`) with slope `scale`, which is not 0.
  public init(scale: Double, zero: Double) {
    precondition(scale != 0, "a weight unit must correspond to a nonzero conductance")
    self.scale = scale
    self.zero = zero
  }

  /// The line that takes the range `weights` onto the conductances `window`,
  /// in S. Neither may be a single point.
  public init(window: ClosedRange<Double>, weights: ClosedRange<Double>) {
    let scale =
      (window.upperBound - window.lowerBound) / (weights.upperBound - weights.lowerBound)
    precondition(scale > 0 && scale.isFinite, "both ranges must have a nonzero width")
    self.init(scale: scale, zero: window.lowerBound - weights.lowerBound * scale)
  }

  /// Conductance of the weight `weight`, S.
  public func conductance(_ weight: Double) -> Double { zero + weight * scale }

  /// Weight of the conductance `conductance`, S.
  public func weight(_ conductance: Double) -> Double { (conductance - zero) / scale }
}

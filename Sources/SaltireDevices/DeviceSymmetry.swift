extension Device {
  /// The weight at which up and down steps are equal and alternating pulses settle; nil if they are
  /// equal nowhere inside the bounds, or everywhere.
  ///
  /// For linear laws (s₊ − s₋)/(k₋ − k₊). For the others bisection, so for a measured curve with
  /// several crossings the result is one at which the up step falls below the down step.
  public var symmetryPoint: Double? {
    guard high > low else { return nil }
    if shape == nil {
      let closing = slopeDown - slopeUp
      guard closing != 0 else { return nil }
      let v = (scaleUp - scaleDown) / closing
      return v >= low && v <= high ? v - reference : nil
    }
    return crossing(between: low, and: high).map { $0 - reference }
  }

  /// Asymmetry factor κ = ½(q₋′ − q₊′) at the symmetry point, per weight unit, where q₊ and q₋ are
  /// the steps divided by the step there: how strongly opposite pulses pull the weight to the
  /// symmetry point. Nil without one.
  public var kappa: Double? {
    normalisedSlopes.map { ($0.down - $0.up) / 2 }
  }

  /// The common slope φ = ½(q₊′ + q₋′) of the normalised steps at the symmetry point, per weight
  /// unit: how the gain of a requested change depends on the weight. Nil without a symmetry point.
  public var phi: Double? {
    normalisedSlopes.map { ($0.down + $0.up) / 2 }
  }

  private var normalisedSlopes: (up: Double, down: Double)? {
    guard let point = symmetryPoint else { return nil }
    let v = point + reference
    let step = meanStep(.up, at: v)
    guard step > 0 else { return nil }
    return (meanSlope(.up, at: v) / step, meanSlope(.down, at: v) / step)
  }

  /// A root of up step − down step, which must be positive at `lower` and
  /// negative at `upper`.
  private func crossing(between lower: Double, and upper: Double) -> Double? {
    func excess(_ v: Double) -> Double { meanStep(.up, at: v) - meanStep(.down, at: v) }
    var lower = lower
    var upper = upper
    guard excess(lower) > 0, excess(upper) < 0 else { return nil }
    while true {
      let middle = lower + (upper - lower) / 2
      // No representable number is left between them.
      guard middle > lower, middle < upper else { return middle }
      if excess(middle) > 0 { lower = middle } else { upper = middle }
    }
  }
}

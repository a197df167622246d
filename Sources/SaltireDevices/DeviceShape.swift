#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A nonlinear step, as drawn for one device.
///
/// Boxed (`indirect`) so that linear devices, of which arrays contain hundreds of thousands, need
/// only one empty pointer for it.
public indirect enum DeviceShape: Sendable {
  /// See ``DeviceModel/Law/expStep(a:b:amplitudeUp:amplitudeDown:gammaUp:gammaDown:noiseOffset:noiseSlope:)``.
  case exponential(Exponential)
  /// The drawn exponents of the power laws.
  case power(gammaUp: Double, gammaDown: Double)
  /// The nodes of a piecewise step.
  case piecewise(up: [Double], down: [Double])

  /// Parameters of the exponential law, by their names in the model.
  public struct Exponential: Sendable {
    public var a: Double
    public var b: Double
    public var amplitudeUp: Double
    public var amplitudeDown: Double
    public var gammaUp: Double
    public var gammaDown: Double
    public var noiseOffset: Double
    public var noiseSlope: Double
  }

  /// Step at the unreferenced weight `v` between the bounds, in scales.
  func step(_ direction: PulseDirection, at v: Double, low: Double, high: Double) -> Double {
    switch self {
    case .exponential(let law):
      let z = 2 * law.a * v / (high - low) + law.b
      return direction == .up
        ? max(1 - law.amplitudeUp * exp(law.gammaUp * z), 0)
        : max(1 - law.amplitudeDown * exp(-law.gammaDown * z), 0)
    case .power(let gammaUp, let gammaDown):
      // Rounding can leave a referenced weight an ulp beyond its bound, where
      // the power of a negative number would be NaN.
      return direction == .up
        ? pow(max(high - v, 0) / (high - low), gammaUp)
        : pow(max(v - low, 0) / (high - low), gammaDown)
    case .piecewise(let up, let down):
      let nodes = direction == .up ? up : down
      guard nodes.count > 1, high > low else { return nodes[0] }
      let place = Self.place(v, low: low, high: high, sections: nodes.count - 1)
      return (1 - place.fraction) * nodes[place.index] + place.fraction * nodes[place.index + 1]
    }
  }

  /// Derivative of `step` with respect to the weight.
  func slope(_ direction: PulseDirection, at v: Double, low: Double, high: Double) -> Double {
    let range = high - low
    switch self {
    case .exponential(let law):
      guard step(direction, at: v, low: low, high: high) > 0 else { return 0 }
      let z = 2 * law.a * v / range + law.b
      return direction == .up
        ? -law.amplitudeUp * law.gammaUp * exp(law.gammaUp * z) * 2 * law.a / range
        : law.amplitudeDown * law.gammaDown * exp(-law.gammaDown * z) * 2 * law.a / range
    case .power(let gammaUp, let gammaDown):
      return direction == .up
        ? -gammaUp * pow((high - v) / range, gammaUp - 1) / range
        : gammaDown * pow((v - low) / range, gammaDown - 1) / range
    case .piecewise(let up, let down):
      let nodes = direction == .up ? up : down
      guard nodes.count > 1, high > low else { return 0 }
      let sections = nodes.count - 1
      let index = Self.place(v, low: low, high: high, sections: sections).index
      return (nodes[index + 1] - nodes[index]) * Double(sections) / range
    }
  }

  /// Standard deviation of a step of mean `mean` (weight units) in units of
  /// the cycle-to-cycle noise, at the weight `v`.
  func noise(ofStep mean: Double, at v: Double) -> Double {
    guard case .exponential(let law) = self, law.noiseOffset != 0 || law.noiseSlope != 0 else {
      return mean
    }
    return abs(mean) + law.noiseOffset + law.noiseSlope * abs(v)
  }

  /// Whether a pulse has any effect: between equal bounds the exponential and the power law are
  /// undefined.
  func acts(low: Double, high: Double) -> Bool {
    if case .piecewise = self { return true }
    return high > low
  }

  private static func place(
    _ v: Double, low: Double, high: Double, sections: Int
  ) -> (index: Int, fraction: Double) {
    let position = max((v - low) / (high - low) * Double(sections), 0)
    let index = Int(min(position, Double(sections - 1)))
    return (index, min(position - Double(index), 1))
  }
}

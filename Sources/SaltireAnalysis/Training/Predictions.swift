import Foundation

/// Theoretical predictions of training on a linear-step device from its asymmetry: κ and φ per
/// weight unit, positions relative to the symmetry point.
public enum Prediction {
  /// The weight at which stochastic gradient descent settles for E = ½(w − target − γ̂)² with γ̂ ~
  /// N(0, noise²): the root of −(w − target)(1 + φw) − κ w E|(w − target) − γ̂| = 0 (Onen et al.
  /// 2022: between symmetry point and optimum, and farther from the optimum for noisier data).
  public static func settlingPoint(
    target: Double, noise: Double, kappa: Double, phi: Double
  ) -> Double {
    func force(_ w: Double) -> Double {
      let error = w - target
      return -error * (1 + phi * w) - kappa * w * meanMagnitude(error, noise: noise)
    }
    // The force points outwards at 0 and inwards beyond the target.
    var (near, far) = (0.0, target)
    for _ in 0..<200 {
      let middle = (near + far) / 2
      if force(middle) * target > 0 { near = middle } else { far = middle }
    }
    return (near + far) / 2
  }

  /// E|d − γ̂| for γ̂ ~ N(0, noise²).
  public static func meanMagnitude(_ d: Double, noise: Double) -> Double {
    guard noise > 0 else { return abs(d) }
    let z = d / noise
    return noise * (2 / Double.pi).squareRoot() * exp(-z * z / 2) + d * erf(z / 2.0.squareRoot())
  }
}

internal import Foundation
internal import SaltireDevices

/// Mean steps as polynomials of the conductance, with two noises.
///
/// The position x is the conductance in weight units from the middle of the
/// window (−1 … 1). An up pulse adds u(x) = u₀ + u₁x + u₂x², a down pulse
/// takes d(x) = d₀ + d₁x + d₂x² away, either multiplied by 1 + σξ
/// (cycle-to-cycle noise: it stays in the device); a read adds rξ (it does
/// not). One vector holds u₀ u₁ u₂ d₀ d₁ d₂ ln σ ln r.
struct StepModel: Equatable {
  typealias Parameters = SIMD8<Double>

  var parameters: Parameters

  static let logSigma = 6
  static let logRead = 7

  /// σ, relative to the mean step.
  var sigma: Double { exp(parameters[Self.logSigma]) }
  /// r, in weight units.
  var readNoise: Double { exp(parameters[Self.logRead]) }

  /// The mean magnitude of a step at x.
  func step(_ direction: PulseDirection, at x: Double) -> Double {
    let k = Self.offset(direction)
    return parameters[k] + x * (parameters[k + 1] + x * parameters[k + 2])
  }

  /// d step/dx.
  func slope(_ direction: PulseDirection, at x: Double) -> Double {
    let k = Self.offset(direction)
    return parameters[k + 1] + 2 * x * parameters[k + 2]
  }

  /// d² step/dx².
  func curvature(_ direction: PulseDirection) -> Double {
    2 * parameters[Self.offset(direction) + 2]
  }

  /// ∂step/∂parameters at x.
  static func gradient(_ direction: PulseDirection, at x: Double) -> Parameters {
    direction == .up
      ? Parameters(1, x, x * x, 0, 0, 0, 0, 0) : Parameters(0, 0, 0, 1, x, x * x, 0, 0)
  }

  /// ∂slope/∂parameters at x.
  static func slopeGradient(_ direction: PulseDirection, at x: Double) -> Parameters {
    direction == .up
      ? Parameters(0, 1, 2 * x, 0, 0, 0, 0, 0) : Parameters(0, 0, 0, 0, 1, 2 * x, 0, 0)
  }

  static func offset(_ direction: PulseDirection) -> Int { direction == .up ? 0 : 3 }
}

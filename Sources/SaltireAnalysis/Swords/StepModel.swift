import Foundation
import SaltireDevices

/// Mean steps as polynomials of the conductance, with three kinds of noise.
///
/// The position x is the conductance in weight units from the middle of the window (−1 … 1). An up
/// pulse adds u(x) = u₀ + u₁x + u₂x², a down pulse subtracts d(x) = d₀ + d₁x + d₂x², each
/// multiplied by 1 + σξ (cycle-to-cycle noise, which is permanent). A read gives x plus rξ,
/// independent for every read, plus a fluctuation of standard deviation s of which a fraction ρ
/// remains from pulse to pulse (slow noise of channel and contacts, which decays). One vector holds
/// u₀ u₁ u₂ d₀ d₁ d₂ ln σ ln r ln s logit ρ, and six unused elements that stay 0.
struct StepModel: Equatable {
  typealias Parameters = SIMD16<Double>

  var parameters: Parameters
  /// Whether the model includes the decaying fluctuation.
  var fluctuates = false

  /// The number of parameters.
  static let count = 10
  static let logSigma = 6
  static let logRead = 7
  static let logFluctuation = 8
  static let logitKept = 9

  /// σ, relative to the mean step.
  var sigma: Double { exp(parameters[Self.logSigma]) }
  /// r, in weight units.
  var readNoise: Double { exp(parameters[Self.logRead]) }
  /// s, in weight units.
  var fluctuation: Double { fluctuates ? exp(parameters[Self.logFluctuation]) : 0 }
  /// ρ.
  var kept: Double { fluctuates ? 1 / (1 + exp(-parameters[Self.logitKept])) : 0 }

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
    vector(direction, 1, x, x * x)
  }

  /// ∂slope/∂parameters at x.
  static func slopeGradient(_ direction: PulseDirection, at x: Double) -> Parameters {
    vector(direction, 0, 1, 2 * x)
  }

  private static func vector(
    _ direction: PulseDirection, _ a: Double, _ b: Double, _ c: Double
  ) -> Parameters {
    var vector = Parameters(repeating: 0)
    let k = offset(direction)
    vector[k] = a
    vector[k + 1] = b
    vector[k + 2] = c
    return vector
  }

  static func offset(_ direction: PulseDirection) -> Int { direction == .up ? 0 : 3 }
}

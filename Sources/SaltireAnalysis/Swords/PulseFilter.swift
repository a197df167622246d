import Foundation
import SaltireDevices

/// Consecutive pulses in one direction away from the device's bounds, with the reads around each:
/// `reads[k]` before pulse k, `reads[k+1]` after it.
struct Segment: Equatable {
  var direction: PulseDirection
  /// Positions in weight units.
  var reads: [Double]
}

/// The likelihood of reads under a ``StepModel``, by a Kalman filter of the position and the
/// decaying fluctuation.
///
/// Cycle-to-cycle noise changes the device permanently, read noise does not, and neighbouring steps
/// share a read. A regression of steps on conductances ignores both and gives error bars that are
/// wrong by factors. The innovations of the filter are independent by construction, so its Fisher
/// information is correct. The derivatives with respect to all parameters are propagated as well.
struct PulseFilter {
  typealias Vector = StepModel.Parameters

  /// ln likelihood, up to a constant.
  private(set) var logLikelihood = 0.0
  /// ∂ ln likelihood/∂parameters.
  private(set) var score = Vector(repeating: 0)
  /// Expected (Fisher) information, row by row.
  private(set) var information = [Vector](repeating: .init(repeating: 0), count: StepModel.count)
  /// The number of pulses.
  private(set) var pulses = 0
  /// Σ zₖ zₖ₋ₗ of the normalised innovations for lags 1 to 5.
  private var products = SIMD8<Double>(repeating: 0)

  private let model: StepModel
  private let sigma2: Double
  private let read2: Double
  private let fluctuation2: Double
  private let kept: Double

  init(_ model: StepModel, segments: [Segment]) {
    self.model = model
    sigma2 = model.sigma * model.sigma
    read2 = model.readNoise * model.readNoise
    fluctuation2 = model.fluctuation * model.fluctuation
    kept = model.kept
    for segment in segments {
      // Nothing is known before a segment, so its first read defines the state.
      guard let first = segment.reads.first else { continue }
      var state = start(at: first)
      var recent = SIMD8<Double>(repeating: 0)
      for read in segment.reads.dropFirst() {
        let z = advance(&state, segment.direction, read)
        products += z * recent
        recent = SIMD8(z, recent[0], recent[1], recent[2], recent[3], 0, 0, 0)
      }
    }
  }

  /// A test of the independence of the innovations: n Σ ρₗ² over five lags, χ²-distributed with
  /// five degrees of freedom for a correct model.
  var whiteness: Double {
    guard pulses > 0 else { return 0 }
    let n = Double(pulses)
    return (products * products).sum() / n
  }

  /// Position and fluctuation with their covariance, and all derivatives.
  private struct State {
    var x: Double
    var f = 0.0
    var xx: Double
    var xf: Double
    var ff: Double
    var dx = Vector(repeating: 0)
    var df = Vector(repeating: 0)
    var dxx = Vector(repeating: 0)
    var dxf = Vector(repeating: 0)
    var dff = Vector(repeating: 0)
  }

  private func start(at read: Double) -> State {
    var state = State(
      x: read, xx: read2 + fluctuation2, xf: -fluctuation2, ff: fluctuation2)
    state.dxx[StepModel.logRead] = 2 * read2
    state.dxx[StepModel.logFluctuation] = 2 * fluctuation2
    state.dxf[StepModel.logFluctuation] = -2 * fluctuation2
    state.dff[StepModel.logFluctuation] = 2 * fluctuation2
    return state
  }

  /// One pulse and the read after it; returns the normalised innovation.
  private mutating func advance(
    _ state: inout State, _ direction: PulseDirection, _ read: Double
  ) -> Double {
    predict(&state, direction)
    let innovation = read - state.x - state.f
    let spread = state.xx + 2 * state.xf + state.ff + read2
    let dMean = state.dx + state.df
    var dSpread = state.dxx + 2 * state.dxf
    dSpread += state.dff
    dSpread[StepModel.logRead] += 2 * read2
    let inverse = 1 / spread
    let pull = innovation * inverse
    logLikelihood -= 0.5 * (log(spread) + innovation * pull)
    score += pull * dMean
    score -= (0.5 * inverse * (1 - innovation * pull)) * dSpread
    for row in 0..<StepModel.count {
      information[row] += (dMean[row] * inverse) * dMean
      information[row] += (0.5 * dSpread[row] * inverse * inverse) * dSpread
    }
    pulses += 1
    correct(&state, innovation, inverse, dMean, dSpread)
    return innovation * inverse.squareRoot()
  }

  private func predict(_ state: inout State, _ direction: PulseDirection) {
    let sign = direction == .up ? 1.0 : -1.0
    let x = state.x
    let step = model.step(direction, at: x)
    let slope = model.slope(direction, at: x)
    let gain = 1 + sign * slope
    let dStep = StepModel.gradient(direction, at: x) + slope * state.dx
    var dGain = StepModel.slopeGradient(direction, at: x)
    dGain += model.curvature(direction) * state.dx
    dGain *= sign

    state.dxx *= gain * gain
    state.dxx += (2 * gain * state.xx) * dGain
    state.dxx += (2 * sigma2 * step) * dStep
    state.dxx[StepModel.logSigma] += 2 * sigma2 * step * step
    state.dx += sign * dStep
    state.x = x + sign * step
    state.xx = gain * gain * state.xx + sigma2 * step * step
    guard model.fluctuates else { return }

    // dρ/d logit ρ = ρ(1 − ρ).
    let dKept = kept * (1 - kept)
    state.dxf *= gain * kept
    state.dxf += (kept * state.xf) * dGain
    state.dxf[StepModel.logitKept] += gain * state.xf * dKept
    state.dff *= kept * kept
    state.dff[StepModel.logitKept] += 2 * kept * dKept * (state.ff - fluctuation2)
    state.dff[StepModel.logFluctuation] += 2 * fluctuation2 * (1 - kept * kept)
    state.df *= kept
    state.df[StepModel.logitKept] += dKept * state.f
    state.xf *= gain * kept
    state.ff = kept * kept * state.ff + fluctuation2 * (1 - kept * kept)
    state.f *= kept
  }

  /// Updates the state with a read: position and fluctuation have covariances a, b with the
  /// innovation, divided by its variance.
  private func correct(
    _ state: inout State, _ innovation: Double, _ inverse: Double, _ dMean: Vector,
    _ dSpread: Vector
  ) {
    let a = state.xx + state.xf
    let b = state.xf + state.ff
    let da = state.dxx + state.dxf
    let db = state.dxf + state.dff
    let blendX = a * inverse
    let blendF = b * inverse
    let dBlendX = inverse * (da - blendX * dSpread)
    let dBlendF = inverse * (db - blendF * dSpread)
    state.x += blendX * innovation
    state.f += blendF * innovation
    state.dx += innovation * dBlendX - blendX * dMean
    state.df += innovation * dBlendF - blendF * dMean
    state.dxx -= a * dBlendX + blendX * da
    state.dxf -= b * dBlendX + blendX * db
    state.dff -= b * dBlendF + blendF * db
    state.xx -= blendX * a
    state.xf -= blendX * b
    state.ff -= blendF * b
  }
}

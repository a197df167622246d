internal import Foundation
internal import SaltireDevices

/// A stretch of pulses in one direction away from the device's bounds, with
/// the reads around each: `reads[k]` before pulse k, `reads[k+1]` after it.
struct Segment: Equatable {
  var direction: PulseDirection
  /// Positions in weight units.
  var reads: [Double]
  /// Whether it begins where the segment before it ended.
  var continues: Bool
}

/// The likelihood of reads under a ``StepModel``, by a scalar Kalman filter.
///
/// Cycle-to-cycle noise moves the device for good, read noise does not;
/// neighbouring steps share a read. A regression of steps on conductances
/// knows neither and gives error bars that are wrong by factors; the filter's
/// innovations are independent by construction, so its Fisher information is
/// the real one. Derivatives with respect to all parameters run along.
struct PulseFilter {
  /// ln likelihood, up to a constant.
  private(set) var logLikelihood = 0.0
  /// ∂ ln likelihood/∂parameters.
  private(set) var score = StepModel.Parameters(repeating: 0)
  /// Expected (Fisher) information, row by row.
  private(set) var information = [StepModel.Parameters](
    repeating: .init(repeating: 0), count: StepModel.Parameters.scalarCount)
  /// How many pulses went in.
  private(set) var pulses = 0

  private let model: StepModel
  private let sigma2: Double
  private let read2: Double

  init(_ model: StepModel, segments: [Segment]) {
    self.model = model
    sigma2 = model.sigma * model.sigma
    read2 = model.readNoise * model.readNoise
    var state = State()
    for segment in segments {
      // Nothing is known before a fresh stretch: its first read is the state.
      if !segment.continues, let first = segment.reads.first { restart(&state, at: first) }
      for read in segment.reads.dropFirst() { advance(&state, segment.direction, read) }
    }
  }

  private struct State {
    var mean = 0.0
    var variance = 0.0
    var dMean = StepModel.Parameters(repeating: 0)
    var dVariance = StepModel.Parameters(repeating: 0)
  }

  private func restart(_ state: inout State, at read: Double) {
    state = State()
    state.mean = read
    state.variance = read2
    state.dVariance[StepModel.logRead] = 2 * read2
  }

  private mutating func advance(
    _ state: inout State, _ direction: PulseDirection, _ read: Double
  ) {
    let sign = direction == .up ? 1.0 : -1.0
    let x = state.mean
    let step = model.step(direction, at: x)
    let slope = model.slope(direction, at: x)
    let gain = 1 + sign * slope

    // Predict.
    let dStep = StepModel.gradient(direction, at: x) + slope * state.dMean
    let dSlope =
      StepModel.slopeGradient(direction, at: x) + model.curvature(direction) * state.dMean
    let process = sigma2 * step * step
    let mean = x + sign * step
    let variance = gain * gain * state.variance + process
    let dMean = state.dMean + sign * dStep
    var dVariance = (2 * gain * state.variance * sign) * dSlope
    dVariance += (gain * gain) * state.dVariance
    dVariance += (2 * sigma2 * step) * dStep
    dVariance[StepModel.logSigma] += 2 * process

    // Compare with the read.
    let innovation = read - mean
    let spread = variance + read2
    var dSpread = dVariance
    dSpread[StepModel.logRead] += 2 * read2
    let inverse = 1 / spread
    logLikelihood -= 0.5 * (log(spread) + innovation * innovation * inverse)
    let pull = innovation * inverse
    let excess = 0.5 * inverse * (1 - innovation * pull)
    score += pull * dMean
    score -= excess * dSpread
    for row in 0..<StepModel.Parameters.scalarCount {
      information[row] += (dMean[row] * inverse) * dMean
      information[row] += (0.5 * dSpread[row] * inverse * inverse) * dSpread
    }
    pulses += 1

    // Correct.
    let blend = variance * inverse
    let dBlend = inverse * (dVariance - blend * dSpread)
    state.mean = mean + blend * innovation
    state.variance = (1 - blend) * variance
    state.dMean = (1 - blend) * dMean + innovation * dBlend
    state.dVariance = (1 - blend) * dVariance - variance * dBlend
  }
}

import Foundation
import SaltireDevices

/// The likelihood of reads under mean steps and noises, by a Kalman filter of the position, with its
/// derivatives by the logarithms of the curves' coefficients.
///
/// A pulse changes the position x by ±f(x)·(1 + σξ): cycle-to-cycle noise, which is permanent. A read
/// gives x + rξ. Neighbouring steps share a read, so a regression of steps on conductances gives
/// error bars that are wrong by factors; the innovations of the filter are independent.
final class StepFilter {
  /// ln likelihood, up to a constant.
  private(set) var logLikelihood = 0.0
  /// The normalised innovations of the last run, if they were asked for.
  private(set) var innovations: [Double] = []

  private let path: PulsePath
  private let count: Int
  private let ups: Int
  /// `count`, rounded up for vector instructions.
  private let width: Int
  private let score, information: UnsafeMutablePointer<Double>
  /// Derivatives of the position and of its variance.
  private let position, variance: UnsafeMutablePointer<Double>
  /// Those of the last prediction, scaled by its spread.
  private let mean, spread: UnsafeMutablePointer<Double>

  init(_ path: PulsePath, like curves: StepCurves) {
    self.path = path
    count = curves.count
    ups = curves.up.basis.count
    width = (count + 3) / 4 * 4
    func zeros(_ count: Int) -> UnsafeMutablePointer<Double> {
      let zeros = UnsafeMutablePointer<Double>.allocate(capacity: count)
      zeros.initialize(repeating: 0, count: count)
      return zeros
    }
    (score, information) = (zeros(width), zeros(width * width))
    (position, variance, mean, spread) = (zeros(width), zeros(width), zeros(width), zeros(width))
  }

  deinit {
    for vector in [score, information, position, variance, mean, spread] { vector.deallocate() }
  }

  /// ∂ ln likelihood/∂ coefficients' logarithms, first of up, then of down.
  var gradient: [Double] { (0..<count).map { score[$0] } }

  /// The expected (Fisher) information of the same.
  var informationMatrix: SymmetricMatrix {
    var matrix = SymmetricMatrix(count)
    for row in 0..<count {
      for column in 0...row {
        matrix[row, column] = information[row * width + column]
        matrix[column, row] = matrix[row, column]
      }
    }
    return matrix
  }

  /// Runs over the path.
  ///
  /// - Parameters:
  ///   - sigma: cycle-to-cycle noise, relative to the step.
  ///   - read: read noise, in halves of the window.
  ///   - differentiates: whether gradient and information are needed too.
  ///   - keeps: whether the innovations are.
  func run(
    _ curves: StepCurves, sigma: Double, read: Double, differentiates: Bool = true,
    keeps: Bool = false
  ) {
    for vector in [score, position, variance] { vector.update(repeating: 0, count: width) }
    if differentiates { information.update(repeating: 0, count: width * width) }
    innovations = []
    let (sigma2, read2) = (sigma * sigma, read * read)
    var x = path.reads[0]
    var xx = read2
    var sum = 0.0
    // One logarithm for many spreads.
    var product = 1.0
    for index in 1..<path.reads.count {
      if path.begins(index) {
        x = path.reads[index]
        xx = read2
        for vector in [position, variance] { vector.update(repeating: 0, count: width) }
        if keeps { innovations.append(0) }
        continue
      }
      let isUp = path.directions[index] == .up
      let sign = isUp ? 1.0 : -1.0
      let curve = isUp ? curves.up : curves.down
      let first = curve.basis.first(at: x)
      let three = curve.three(first)
      let (value, slope, bend) = curve.basis.values(first, at: x)
      let step = (three * value).sum()
      let gain = 1 + sign * (three * slope).sum()
      if differentiates {
        predict(
          at: (isUp ? 0 : ups) + first, three * value, three * slope, (three * bend).sum(),
          sign: sign, gain: gain, xx: xx, noise: 2 * sigma2 * step)
      }
      x += sign * step
      xx = gain * gain * xx + sigma2 * step * step
      let innovation = path.reads[index] - x
      let inverse = 1 / (xx + read2)
      sum += innovation * innovation * inverse
      product *= xx + read2
      if !(1e-200...1e200).contains(product) {
        sum += log(product)
        product = 1
      }
      if keeps { innovations.append(innovation * inverse.squareRoot()) }
      if differentiates { correct(innovation, inverse, keeping: read2 * inverse) }
      x += xx * inverse * innovation
      xx *= read2 * inverse
    }
    logLikelihood = -0.5 * (sum + log(product))
  }

  /// The derivatives after a pulse: `steps` and `slopes` are those of the step and of its slope by
  /// three coefficients from `place`.
  @inline(__always) private func predict(
    at place: Int, _ steps: SIMD3<Double>, _ slopes: SIMD3<Double>, _ bend: Double, sign: Double,
    gain: Double, xx: Double, noise: Double
  ) {
    let byGain = 2 * gain * xx * sign
    let byPosition = byGain * bend + noise * slopes.sum()
    let kept = gain * gain
    for k in 0..<width {
      variance[k] = kept * variance[k] + byPosition * position[k]
      position[k] = gain * position[k]
    }
    for k in 0..<3 {
      variance[place + k] += byGain * slopes[k] + noise * steps[k]
      position[place + k] += sign * steps[k]
    }
  }

  /// Adds a read to score and information, and gives the derivatives after it.
  @inline(__always) private func correct(
    _ innovation: Double, _ inverse: Double, keeping kept: Double
  ) {
    let pull = innovation * inverse
    let bySpread = 0.5 * inverse * (innovation * pull - 1)
    let (root, half) = (inverse.squareRoot(), 0.5.squareRoot() * inverse)
    for k in 0..<width {
      score[k] += pull * position[k] + bySpread * variance[k]
      mean[k] = root * position[k]
      spread[k] = half * variance[k]
    }
    for row in 0..<count {
      let (a, b) = (mean[row], spread[row])
      if a == 0, b == 0 { continue }
      let own = information + row * width
      for k in 0...(row | 3) { own[k] += a * mean[k] + b * spread[k] }
    }
    let byVariance = pull * kept
    let twice = kept * kept
    for k in 0..<width {
      position[k] = kept * position[k] + byVariance * variance[k]
      variance[k] = twice * variance[k]
    }
  }
}

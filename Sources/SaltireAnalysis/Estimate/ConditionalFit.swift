import Foundation
import SaltireDevices

/// Smoothing and noises: ln λ of the up and the down curve, ln σ, ln r.
typealias Noises = SIMD4<Double>

/// The most probable curves for given smoothing and noises, with their posterior.
struct ConditionalFit: Sendable {
  let noises: Noises
  let curves: StepCurves
  /// ln of the posterior density of the noises, up to a constant (Laplace's approximation).
  let evidence: Double
  /// The factor of the posterior information of the coefficients' logarithms.
  let factor: SymmetricMatrix.Factor

  /// σ, relative to the mean step.
  var sigma: Double { exp(noises[2]) }
  /// r, in halves of the window.
  var read: Double { exp(noises[3]) }
}

/// Fits curves to one path.
final class ConditionalFitter {
  let path: PulsePath
  private let filter: StepFilter
  private let start: Noises
  /// The mean logarithms of the steps up and down, of each coefficient.
  private let levels: [Double]
  /// The standard deviation of the prior of a coefficient's logarithm around ``levels``: wide, but
  /// without it steps of nearly 0 would be as probable as all others together.
  private static let spread = 3.0

  /// The standard deviations of the prior of the noises, around ``mean``.
  private static let prior = Noises(4, 4, 1.5, 20)
  /// The ranges of the noises. Data without noise end at the lower bounds.
  static let least = Noises(-4, -4, log(1e-4), log(1e-9))
  static let most = Noises(14, 14, log(3), log(3))

  /// The means of the prior: curves a little rougher than straight, a cycle-to-cycle noise of a
  /// tenth, and nearly nothing on the read noise.
  private var mean: Noises { Noises(log(1000), log(1000), log(0.1), start[3]) }

  init(_ path: PulsePath, like curves: StepCurves, noises: Noises) {
    self.path = path
    filter = StepFilter(path, like: curves)
    start = noises
    levels = [curves.up, curves.down].flatMap { curve in
      let mean = curve.logarithms.reduce(0, +) / Double(curve.basis.count)
      return curve.logarithms.map { _ in mean }
    }
  }

  /// By Newton's method with Fisher's information and Levenberg's damping.
  ///
  /// - Returns: nil if the curves cannot follow the reads at all.
  func fit(_ noises: Noises, from start: StepCurves) -> ConditionalFit? {
    let noises = noises.clamped(lowerBound: Self.least, upperBound: Self.most)
    var curves = start
    var damping = 0.0
    var (value, gradient, matrix) = posterior(curves, noises)
    guard value.isFinite else { return nil }
    for _ in 0..<60 {
      var damped = matrix
      for k in 0..<curves.count { damped[k, k] *= 1 + damping }
      guard let step = damped.factor()?.solution(of: gradient) else {
        damping = max(damping, 1e-4) * 10
        if damping > 1e8 { return nil }
        continue
      }
      // Twice the gain that Newton's method expects.
      if zip(step, gradient).reduce(0, { $0 + $1.0 * $1.1 }) < 1e-4 { break }
      let trial = curves.changed(by: step.map { min(max($0, -1.5), 1.5) })
      let next = density(trial, noises)
      if next.isFinite, next > value {
        curves = trial
        (value, gradient, matrix) = posterior(curves, noises)
        damping = damping < 1e-4 ? 0 : damping / 10
      } else {
        damping = max(damping, 1e-4) * 10
        if damping > 1e7 { break }
      }
    }
    guard let factor = matrix.factor() else { return nil }
    let free = Noises(Double(curves.up.basis.count - 2), Double(curves.down.basis.count - 2), 0, 0)
    let distance = (noises - mean) / Self.prior
    let evidence =
      value + 0.5 * (free * noises).sum() - 0.5 * factor.logDeterminant
      - 0.5 * (distance * distance).sum()
    return ConditionalFit(noises: noises, curves: curves, evidence: evidence, factor: factor)
  }

  /// The normalised innovations of a fit.
  func innovations(of fit: ConditionalFit) -> [Double] {
    filter.run(
      fit.curves, sigma: fit.sigma, read: fit.read, differentiates: false, keeps: true)
    return filter.innovations
  }

  /// ln of the posterior density of curves.
  private func density(_ curves: StepCurves, _ noises: Noises) -> Double {
    filter.run(curves, sigma: exp(noises[2]), read: exp(noises[3]), differentiates: false)
    return filter.logLikelihood - curves.up.roughness(exp(noises[0])).value
      - curves.down.roughness(exp(noises[1])).value - 0.5
      * distances(curves).reduce(0) { $0 + $1 * $1 }
  }

  /// Of the logarithms from ``levels``, in standard deviations.
  private func distances(_ curves: StepCurves) -> [Double] {
    zip(curves.logarithms, levels).map { ($0 - $1) / Self.spread }
  }

  /// The same with its gradient and information.
  private func posterior(
    _ curves: StepCurves, _ noises: Noises
  ) -> (value: Double, gradient: [Double], matrix: SymmetricMatrix) {
    filter.run(curves, sigma: exp(noises[2]), read: exp(noises[3]))
    let up = curves.up.roughness(exp(noises[0]))
    let down = curves.down.roughness(exp(noises[1]))
    var matrix = filter.informationMatrix
    matrix.add(up.matrix, at: 0)
    matrix.add(down.matrix, at: curves.up.basis.count)
    for k in 0..<curves.count { matrix[k, k] += 1 / (Self.spread * Self.spread) }
    let distances = distances(curves)
    let pulls = zip(up.gradient + down.gradient, distances).map { $0 + $1 / Self.spread }
    let gradient = zip(filter.gradient, pulls).map { $0 - $1 }
    let value =
      filter.logLikelihood - up.value - down.value
      - 0.5 * distances.reduce(0) { $0 + $1 * $1 }
    return (value, gradient, matrix)
  }
}

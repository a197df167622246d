import Foundation
import SaltireCore

/// Devices that the reads allow, with their weights.
///
/// The noises and the smoothing are drawn from a Student distribution around their most probable
/// values, which is corrected by weights (importance sampling); the curves from the normal
/// approximation for each.
struct PosteriorDraws: Sendable {
  struct Draw: Sendable {
    let curves: StepCurves
    let noises: Noises
    let weight: Double
    let crossings: Crossings

    init(curves: StepCurves, noises: Noises, weight: Double) {
      (self.curves, self.noises, self.weight) = (curves, noises, weight)
      crossings = Crossings(curves)
    }
  }

  let draws: [Draw]

  /// The largest change of a coefficient's logarithm.
  private static let farthest = 3.0

  /// - Parameter random: draws, so the same reads give the same result.
  init(
    around best: ConditionalFit, by fitter: ConditionalFitter, pairs: Int = 48,
    curves each: Int = 20, random: inout RandomStream
  ) {
    let information = fitter.noiseInformation(at: best)
    let freedom = 6.0
    var fits: [(fit: ConditionalFit, logWeight: Double)] = [(best, -.infinity)]
    for _ in 0..<pairs {
      let chi2 = (0..<6).reduce(0) { sum, _ in
        let z = random.normal()
        return sum + z * z
      }
      let t = (0..<4).map { _ in random.normal() * (freedom / chi2).squareRoot() }
      let distance = information.upper(t)
      let change = Noises(distance[0], distance[1], distance[2], distance[3])
      let proposed = -0.5 * (freedom + 4) * log(1 + t.reduce(0) { $0 + $1 * $1 } / freedom)
      // Both signs: few draws then have no bias to one side.
      for noises in [best.noises + change, best.noises - change] {
        guard let fit = fitter.fit(noises, from: best.curves) else { continue }
        fits.append((fit, fit.evidence - best.evidence - proposed))
      }
    }
    let top = fits.map(\.logWeight).max() ?? 0
    var draws: [Draw] = []
    for (fit, logWeight) in fits {
      let weight = top.isFinite ? exp(logWeight - top) : 1
      guard weight > 1e-5 else { continue }
      for _ in 0..<each {
        let z = (0..<fit.curves.count).map { _ in random.normal() }
        // A coefficient near 0 may be anything smaller: its logarithm has no normal distribution.
        let change = fit.factor.upper(z).map { min(max($0, -Self.farthest), Self.farthest) }
        draws.append(
          Draw(curves: fit.curves.changed(by: change), noises: fit.noises, weight: weight))
      }
    }
    self.draws = draws
  }

  /// The probability of a property.
  func share(_ property: (Draw) -> Bool) -> Double {
    let total = draws.reduce(0) { $0 + $1.weight }
    return draws.reduce(0) { property($1) ? $0 + $1.weight : $0 } / total
  }

  /// The quantiles of a quantity; it may be infinite.
  func quantiles(_ shares: [Double], of quantity: (Draw) -> Double) -> [Double] {
    let sorted = draws.map { (value: quantity($0), weight: $0.weight) }.sorted {
      $0.value < $1.value
    }
    let total = sorted.reduce(0) { $0 + $1.weight }
    return shares.map { share in
      var sum = 0.0
      return sorted.first { one in
        sum += one.weight
        return sum >= share * total
      }?.value ?? .nan
    }
  }
}

import Foundation

/// How a device near its symmetry point answers alternating pairs of pulses,
/// as its own crossed swords told: what zero-shifting needs to know about
/// relaxation and noise. Everything in siemens and pairs.
public struct PairStatistics: Sendable, Equatable, Codable {
  /// What is left of a distance from the symmetry point after one pair.
  public var contraction: Double
  /// How far the mean of a pair's two reads settles from the symmetry point:
  /// −Δφ/2κ, because the steps there and back begin half a step apart.
  public var offset: Double
  /// Standard deviation of what one pair adds at random.
  public var pairNoise: Double
  /// Standard deviation of one read.
  public var readNoise: Double
  /// Standard deviation of the fading fluctuation of reads, and the share of
  /// it that is left after one pair.
  public var fluctuation: Double
  public var fluctuationKept: Double

  /// From the crossed swords of the same device, of pulses like those of the
  /// pairs; nil where those show no relaxation toward a symmetry point.
  public init?(_ swords: CrossedSwords) {
    guard let point = swords.crossing?.value else { return nil }
    let up = 1 + CrossedSwords.slope(swords.up, at: point)
    let down = 1 - CrossedSwords.slope(swords.down, at: point)
    contraction = up * down
    guard contraction > 0, contraction < 1 else { return nil }
    offset = -swords.step * swords.phi / (2 * swords.kappa)
    let noise = swords.cycleToCycle * swords.step
    pairNoise = noise * (down * down + 1).squareRoot()
    readNoise = swords.readNoise
    fluctuation = swords.fluctuation
    fluctuationKept = swords.fluctuationKept * swords.fluctuationKept
  }

  /// N_e: pairs in which a distance shrinks e-fold, 1/(2κΔ) for small steps.
  public var relaxation: Double { -1 / log(contraction) }

  /// Standard deviation of the conductance itself around the symmetry point
  /// under endless pairs.
  public var stationaryNoise: Double {
    pairNoise / (1 - contraction * contraction).squareRoot()
  }

  /// Standard error of the mean of `count` consecutive pairs, each the mean
  /// of its two reads: the stationary autoregressive processes of known rates
  /// (device and fluctuation), and independent read noise on top.
  public func standardError(ofMeanOver count: Int) -> Double {
    func variance(_ deviation: Double, _ rho: Double) -> Double {
      let n = Double(count)
      // n + 2 Σ (n−k) ρᵏ in closed form.
      let sum = n * (1 + rho) / (1 - rho) - 2 * rho * (1 - pow(rho, n)) / ((1 - rho) * (1 - rho))
      return deviation * deviation * sum / (n * n)
    }
    return
      (variance(stationaryNoise, contraction) + variance(fluctuation, fluctuationKept)
      + readNoise * readNoise / Double(2 * count)).squareRoot()
  }
}

extension CrossedSwords {
  /// d step/dG of a fitted polynomial.
  static func slope(_ polynomial: Polynomial, at conductance: Double) -> Double {
    polynomial.enumerated().dropFirst().reversed().reduce(0) {
      $0 * conductance + Double($1.offset) * $1.element
    }
  }
}

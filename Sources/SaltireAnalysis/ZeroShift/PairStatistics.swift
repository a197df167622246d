import Foundation

/// The response of a device near its symmetry point to alternating pulse pairs, from its own
/// crossed swords: the relaxation and noise that zero-shifting needs. All values in siemens and
/// pairs.
public struct PairStatistics: Sendable, Equatable, Codable {
  /// The fraction of a distance from the symmetry point that remains after one pair.
  public var contraction: Double
  /// The offset of the mean of a pair's two reads from the symmetry point: −Δφ/2κ, because the
  /// steps in the two directions start half a step apart.
  public var offset: Double
  /// Standard deviation of the random change by one pair.
  public var pairNoise: Double
  /// Standard deviation of one read.
  public var readNoise: Double
  /// Standard deviation of the decaying fluctuation of reads, and the fraction of it that remains
  /// after one pair.
  public var fluctuation: Double
  public var fluctuationKept: Double

  /// From the crossed swords of the same device with the same kind of pulses; nil if they show no
  /// relaxation towards a symmetry point.
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

  /// N_e: the number of pairs in which a distance shrinks by a factor e, 1/(2κΔ) for small steps.
  public var relaxation: Double { -1 / log(contraction) }

  /// Standard deviation of the conductance around the symmetry point in the stationary state of an
  /// endless train of pairs.
  public var stationaryNoise: Double {
    pairNoise / (1 - contraction * contraction).squareRoot()
  }

  /// Standard error of the mean of `count` consecutive pairs, each the mean of its two reads:
  /// stationary autoregressive processes with known rates (device and fluctuation), plus
  /// independent read noise.
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

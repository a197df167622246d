import SaltireAnalysis

/// Mean changes per pulse over blocks of pulses, to draw next to a fit.
///
/// Every branch is cut into blocks of equal length. The change per pulse is the slope of a straight
/// line through the reads of a block. Binning single changes by conductance would select reads by
/// their noise. Blocks at the same position of every cycle are averaged; blocks that end at a bound
/// are excluded.
struct SwordsBlocks {
  /// Mean conductance, change per pulse and its standard error.
  private(set) var centre: [Double] = []
  private(set) var mean: [Double] = []
  private(set) var error: [Double] = []

  init(_ data: SwordsData, direction: Double, _ window: CrossedSwords.Window) {
    let branches = Self.branches(data, direction)
    let longest = branches.map(\.count).max() ?? 0
    let count = max(min(16, longest / 20), 1)
    let reach = 0.97 * (window.max - window.min)
    for block in 0..<count {
      var sums = (n: 0.0, g: 0.0, slope: 0.0, length: 0.0)
      for branch in branches {
        let length = branch.count / count
        guard length >= 3 else { continue }
        let reads = branch[block * length..<(block + 1) * length]
        let line = Self.line(reads)
        let end = line.mean + line.slope * Double(length) / 2
        let travelled = direction > 0 ? end - window.min : window.max - end
        guard travelled < reach else { continue }
        sums.n += 1
        sums.g += line.mean
        sums.slope += direction * line.slope
        sums.length += Double(length)
      }
      guard sums.n > 0 else { continue }
      let slope = sums.slope / sums.n
      centre.append(sums.g / sums.n)
      mean.append(slope)
      error.append(
        Self.error(data.fit, slope: slope, length: sums.length / sums.n) / sums.n.squareRoot())
    }
  }

  /// The standard error of the slope of a block, from the fitted noise: 12(r² + s²(1+ρ)/(1−ρ))/n³
  /// from reads, 6σ²/5n from cycle-to-cycle noise.
  private static func error(_ fit: SwordsFit?, slope: Double, length n: Double) -> Double {
    guard let fit else { return 0 }
    let kept = fit.fluctuationKept
    let slow = fit.fluctuation * fit.fluctuation * (1 + kept) / (1 - kept)
    let read = 12 * (fit.readNoise * fit.readNoise + slow) / (n * n * n)
    let step = fit.cycleToCycle * slope
    return (read + 1.2 * step * step / n).squareRoot()
  }

  /// Sequences of reads after pulses of the same direction.
  private static func branches(_ data: SwordsData, _ direction: Double) -> [[Double]] {
    var branches: [[Double]] = []
    var isOpen = false
    for (conductance, sign) in Swift.zip(data.conductances, data.directions) {
      if sign == direction {
        if !isOpen { branches.append([]) }
        branches[branches.count - 1].append(conductance)
      }
      isOpen = sign == direction
    }
    return branches
  }

  /// The least-squares line through equally spaced values.
  private static func line(_ values: ArraySlice<Double>) -> (mean: Double, slope: Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    var product = 0.0
    for (index, value) in values.enumerated() {
      product += (Double(index) - (n - 1) / 2) * (value - mean)
    }
    return (mean, product * 12 / (n * (n * n - 1)))
  }
}

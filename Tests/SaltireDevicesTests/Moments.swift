/// Sample moments, for statements about noise.
struct Moments {
  let count: Double
  let mean: Double
  let deviation: Double

  init(_ values: [Double]) {
    let total = Double(values.count)
    let average = values.reduce(0, +) / total
    let squares = values.reduce(0) { $0 + ($1 - average) * ($1 - average) }
    count = total
    mean = average
    deviation = (squares / (total - 1)).squareRoot()
  }

  /// How many standard errors the mean is from `expected`, for values of the
  /// known deviation `sigma`.
  func meanError(from expected: Double, sigma: Double) -> Double {
    abs(mean - expected) / (sigma / count.squareRoot())
  }

  /// How many standard errors the deviation of normal values is from `sigma`.
  func deviationError(from sigma: Double) -> Double {
    abs(deviation - sigma) / (sigma / (2 * count).squareRoot())
  }
}

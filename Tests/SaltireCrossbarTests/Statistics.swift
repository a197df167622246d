import Foundation

/// Kolmogorov–Smirnov: the probability that two samples of one distribution
/// differ as much as these.
func kolmogorovSmirnov(_ a: [Double], _ b: [Double]) -> Double {
  let a = a.sorted()
  let b = b.sorted()
  var (i, j, distance) = (0, 0, 0.0)
  while i < a.count, j < b.count {
    let value = min(a[i], b[j])
    while i < a.count, a[i] <= value { i += 1 }
    while j < b.count, b[j] <= value { j += 1 }
    distance = max(distance, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
  }
  return significance(distance, size: Double(a.count * b.count) / Double(a.count + b.count))
}

/// The same of one sample and a distribution.
func kolmogorovSmirnov(_ a: [Double], distribution: (Double) -> Double) -> Double {
  let a = a.sorted()
  var distance = 0.0
  for (index, value) in a.enumerated() {
    let p = distribution(value)
    distance = max(
      distance, abs(p - Double(index) / Double(a.count)),
      abs(p - Double(index + 1) / Double(a.count)))
  }
  return significance(distance, size: Double(a.count))
}

private func significance(_ distance: Double, size: Double) -> Double {
  let lambda = (size.squareRoot() + 0.12 + 0.11 / size.squareRoot()) * distance
  guard lambda > 0.2 else { return 1 }
  var sum = 0.0
  for k in 1...100 {
    sum += (k % 2 == 1 ? 2 : -2) * exp(-2 * Double(k * k) * lambda * lambda)
  }
  return sum
}

/// Mean and variance.
func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
}

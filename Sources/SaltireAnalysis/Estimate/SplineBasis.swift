/// Quadratic B-splines on clamped knots.
///
/// Between the ends at most three functions differ from 0, and their sum is 1. Beyond the ends the
/// functions keep their values there.
struct SplineBasis: Sendable, Equatable {
  /// Between two knots: the polynomials of the three functions, in the distance from the left knot.
  private struct Span: Sendable, Equatable {
    var left: Double
    var right: Double
    var constant: SIMD3<Double>
    var linear: SIMD3<Double>
    var quadratic: SIMD3<Double>
  }

  let low: Double
  let high: Double
  private let spans: [Span]
  /// Where each coefficient of a straight line lies on it (Greville).
  let abscissae: [Double]

  /// The number of functions.
  var count: Int { spans.count + 2 }

  /// - Parameter interior: the knots between `low` and `high`, ascending.
  init(low: Double, high: Double, interior: [Double]) {
    self.low = low
    self.high = high
    let knots: [Double] = [low, low] + interior + [high, high]
    spans = (0...interior.count).map { (index: Int) -> Span in
      let (before, left) = (knots[index], knots[index + 1])
      let (right, after) = (knots[index + 2], knots[index + 3])
      let length = right - left
      let first = 1 / ((right - before) * length)
      let last = 1 / ((after - left) * length)
      let start = first * length * length
      return Span(
        left: left, right: right, constant: SIMD3(start, 1 - start, 0),
        linear: 2 * first * length * SIMD3(-1, 1, 0),
        quadratic: SIMD3(first, -first - last, last))
    }
    abscissae = zip(knots, knots.dropFirst()).map { ($0 + $1) / 2 }
  }

  /// The index of the first function that differs from 0 at `x`.
  @inline(__always) func first(at x: Double) -> Int {
    var (low, high) = (0, spans.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if x < spans[middle].right { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The values of the functions from `first`, their derivatives and second derivatives.
  @inline(__always) func values(
    _ first: Int, at x: Double
  ) -> (value: SIMD3<Double>, slope: SIMD3<Double>, bend: SIMD3<Double>) {
    let span = spans[first]
    let u = min(max(x, low), high) - span.left
    let value = span.constant + u * (span.linear + u * span.quadratic)
    guard x >= low, x <= high else { return (value, SIMD3(repeating: 0), SIMD3(repeating: 0)) }
    return (value, span.linear + 2 * u * span.quadratic, 2 * span.quadratic)
  }

  /// For each span the weights of its three coefficients in the second derivative, times the span's
  /// length squared; the sum over a straight line is 0.
  var bends: [SIMD3<Double>] {
    spans.map { span in
      let length = span.right - span.left
      return 2 * length * length * span.quadratic
    }
  }
}

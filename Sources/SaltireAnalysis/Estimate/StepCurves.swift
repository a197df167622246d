import Foundation
import SaltireDevices

/// The mean step of one direction as a smooth positive function of the position.
struct StepCurve: Sendable, Equatable {
  let direction: PulseDirection
  let basis: SplineBasis
  /// The logarithms of the coefficients, so that any value gives positive steps.
  var logarithms: [Double] {
    didSet { coefficients = logarithms.map { exp($0) } }
  }
  private(set) var coefficients: [Double]

  init(_ direction: PulseDirection, _ basis: SplineBasis, logarithms: [Double]) {
    self.direction = direction
    self.basis = basis
    self.logarithms = logarithms
    coefficients = logarithms.map { exp($0) }
  }

  /// The cost of a bend at a bound, relative to others.
  private static let looseness = 0.01

  func step(at x: Double) -> Double {
    let first = basis.first(at: x)
    return (three(first) * basis.values(first, at: x).value).sum()
  }

  func slope(at x: Double) -> Double {
    let first = basis.first(at: x)
    return (three(first) * basis.values(first, at: x).slope).sum()
  }

  @inline(__always) func three(_ first: Int) -> SIMD3<Double> {
    SIMD3(coefficients[first], coefficients[first + 1], coefficients[first + 2])
  }

  /// ½λ Σ s² with its gradient and Gauss–Newton matrix by the logarithms, where s is the second
  /// difference of three neighbouring coefficients relative to their mean.
  ///
  /// Next to the end to which pulses drive the device a bend costs little: there it may reach a bound.
  /// Straight lines cost nothing. Relative differences are those that matter where steps vary over
  /// decades, since cycle-to-cycle noise is relative too.
  func roughness(_ lambda: Double) -> (value: Double, gradient: [Double], matrix: SymmetricMatrix) {
    let count = basis.count
    var value = 0.0
    var gradient = [Double](repeating: 0, count: count)
    var matrix = SymmetricMatrix(count)
    let bends = basis.bends
    for (index, bend) in bends.enumerated() {
      let distance = direction == .up ? bends.count - 1 - index : index
      let lambda = distance < 2 ? Self.looseness * lambda : lambda
      let three = three(index)
      let mean = three.sum() / 3
      let s = (bend * three).sum() / mean
      let derivative = (bend - s / 3) * three / mean
      value += 0.5 * lambda * s * s
      for a in 0..<3 {
        gradient[index + a] += lambda * s * derivative[a]
        for b in 0..<3 { matrix[index + a, index + b] += lambda * derivative[a] * derivative[b] }
      }
    }
    return (value, gradient, matrix)
  }
}

/// The mean steps of both directions.
///
/// The position x is the conductance from the middle of the window, in halves of the window.
struct StepCurves: Sendable, Equatable {
  var up: StepCurve
  var down: StepCurve

  subscript(_ direction: PulseDirection) -> StepCurve { direction == .up ? up : down }

  /// The number of coefficients.
  var count: Int { up.basis.count + down.basis.count }

  /// The logarithms, first of up, then of down.
  var logarithms: [Double] { up.logarithms + down.logarithms }

  /// Up minus down.
  func difference(at x: Double) -> Double { up.step(at: x) - down.step(at: x) }

  /// The curves with `change` added to the logarithms, first of up, then of down.
  func changed(by change: [Double]) -> StepCurves {
    var changed = self
    let ups = up.basis.count
    changed.up.logarithms = zip(up.logarithms, change).map { $0 + $1 }
    changed.down.logarithms = zip(down.logarithms, change[ups...]).map { $0 + $1 }
    return changed
  }
}

import Foundation
import SaltireCore
import SaltireDevices
import SaltireTesting
import Testing

@testable import SaltireAnalysis

@Suite struct StepFilterTests {
  private let path: PulsePath
  private let curves: StepCurves

  init() throws {
    let response = KnownDevice.measured[0].response(
      pulses: 60, cycles: 2, cycleToCycle: 0.2, readNoise: 2e-12, seed: 1)
    path = try #require(PulsePath(response))
    let start = try #require(StepCurves.start(for: path))
    curves = start.curves.changed(by: (0..<start.curves.count).map { 0.2 * sin(Double($0)) })
  }

  private func logLikelihood(_ curves: StepCurves) -> Double {
    let filter = StepFilter(path, like: curves)
    filter.run(curves, sigma: 0.2, read: 0.01, differentiates: false)
    return filter.logLikelihood
  }

  @Test func theGradientIsThatOfTheLikelihood() {
    let filter = StepFilter(path, like: curves)
    filter.run(curves, sigma: 0.2, read: 0.01)
    #expect(abs(filter.logLikelihood - logLikelihood(curves)) < 1e-9)
    let gradient = filter.gradient
    for k in 0..<curves.count {
      var change = [Double](repeating: 0, count: curves.count)
      change[k] = 1e-5
      let difference =
        logLikelihood(curves.changed(by: change))
        - logLikelihood(curves.changed(by: change.map(-)))
      #expect(abs(gradient[k] - difference / 2e-5) < 1e-3 * max(abs(gradient[k]), 1), "\(k)")
    }
  }

  /// The information is the covariance of the gradient at the truth: here its diagonal, from 400
  /// simulated paths.
  @Test func theInformationIsTheVarianceOfTheGradient() throws {
    var random = RandomStream(seed: 5)
    var squares = [Double](repeating: 0, count: curves.count)
    var information = [Double](repeating: 0, count: curves.count)
    let runs = 400
    for _ in 0..<runs {
      var x = -0.9
      var reads: [[Double]] = [[], []]
      for _ in 0..<60 {
        x += curves.up.step(at: x) * (1 + 0.2 * random.normal())
        reads[0].append(x + 0.01 * random.normal())
      }
      for _ in 0..<60 {
        x -= curves.down.step(at: x) * (1 + 0.2 * random.normal())
        reads[1].append(x + 0.01 * random.normal())
      }
      let own = PulsePath(
        reads: reads[0] + reads[1],
        directions: reads[0].map { _ in .up } + reads[1].map { _ in .down })
      let filter = StepFilter(own, like: curves)
      filter.run(curves, sigma: 0.2, read: 0.01)
      let matrix = filter.informationMatrix
      for (k, slope) in filter.gradient.enumerated() {
        squares[k] += slope * slope
        information[k] += matrix[k, k]
      }
    }
    for k in 0..<curves.count where information[k] > Double(runs) {
      // The standard error of a variance from 400 draws is 7 %.
      #expect(abs(squares[k] / information[k] - 1) < 0.35, "\(k)")
    }
  }

  /// Splines add up to 1, and straight lines have no bends.
  @Test func splinesAreAPartitionAndStraightLinesStraight() {
    let basis = SplineBasis(low: -1, high: 1, interior: [-0.9, -0.2, 0, 0.7])
    #expect(basis.count == 7 && basis.abscissae.count == 7)
    let line = StepCurve(.up, basis, logarithms: basis.abscissae.map { log(2 + $0) })
    for x in stride(from: -1.0, through: 1, by: 0.01) {
      let values = basis.values(basis.first(at: x), at: x)
      #expect(abs(values.value.sum() - 1) < 1e-12 && abs(values.slope.sum()) < 1e-12)
      #expect(abs(line.step(at: x) - (2 + x)) < 1e-12 && abs(line.slope(at: x) - 1) < 1e-9)
    }
    #expect(line.roughness(1).value < 1e-20)
    #expect(line.step(at: 5) == line.step(at: 1) && line.slope(at: 5) == 0)
  }

  /// Factor, solution and determinant of a matrix whose inverse is known.
  @Test func matricesAreSolved() throws {
    var matrix = SymmetricMatrix(2)
    (matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1]) = (4, 2, 2, 3)
    let factor = try #require(matrix.factor())
    let x = factor.solution(of: [8, 7])
    #expect(abs(x[0] - 1.25) < 1e-12 && abs(x[1] - 1.5) < 1e-12)
    #expect(abs(factor.logDeterminant - log(8)) < 1e-12)
    matrix[1, 1] = 1
    #expect(matrix.factor() == nil)
  }
}

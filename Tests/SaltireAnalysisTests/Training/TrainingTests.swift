import Foundation
import SaltireAnalysis
import Testing

@Suite struct PredictionTests {
  static let kappa = 0.6202602817467446
  static let phi = 0.2658

  /// Computed by an independent implementation.
  @Test(arguments: [
    (10, 0.14363987811807466, 0.014363987811807467),
    (50, 0.506018056660887, 0.17374693009393877),
    (100, 0.4189382810392689, 0.4254250183099844),
    (200, -0.36155811810725985, 0.35327608403701133),
    (400, 0.12359006348948677, 0.38379765581261016),
    (800, -0.07338539865580856, 0.28296981398310733),
    (1600, -0.009818011403889701, 0.3025220629975997),
  ])
  func meanFieldWithAsymmetry(sample: Int, fast: Double, core: Double) {
    expect(kappa: Self.kappa, sample: sample, fast: fast, core: core)
  }

  @Test(arguments: [
    (10, 0.15000000000000002, 0.015000000000000003),
    (50, 0.6077259374999999, 0.19978321874999996),
    (100, 0.5291391872926754, 0.5127425325931344),
    (200, -0.6571399788165267, 0.33579423577203227),
    (400, 0.3007564728329086, 0.5836178767909779),
    (800, -0.5385145963897912, 0.09217263718251967),
    (1600, -0.6494544658677833, 0.34935793789767833),
  ])
  func meanFieldWithoutAsymmetry(sample: Int, fast: Double, core: Double) {
    expect(kappa: 0, sample: sample, fast: fast, core: core)
  }

  private func expect(kappa: Double, sample: Int, fast: Double, core: Double) {
    let course = Self.course(kappa: kappa, samples: sample)
    #expect(abs(course.fast - fast) < 1e-9)
    #expect(abs(course.core - core) < 1e-9)
  }

  /// The mean-field course of one-parameter Stochastic Hamiltonian Descent
  /// with x = ±1, from A = C = 0: each sample A −= η_A(d + κ m A) with
  /// d = C − target and m = E|d − γ̂|; every tenth sample C += η_C A.
  private static func course(kappa: Double, samples: Int) -> (fast: Double, core: Double) {
    var (fast, core) = (0.0, 0.0)
    for sample in 1...samples {
      let error = core - 0.3
      fast -= 0.05 * (error + kappa * Prediction.meanMagnitude(error, noise: 0.2) * fast)
      if sample % 10 == 0 { core += 0.1 * fast }
    }
    return (fast, core)
  }

  @Test(arguments: [
    (-0.7, 0.2, -0.6207), (-0.3, 0.2, -0.2708), (0, 0.2, 0), (0.3, 0.2, 0.2745),
    (0.7, 0.2, 0.6435), (-0.7, 1, -0.4432), (-0.3, 1, -0.1967), (0.3, 1, 0.2039),
    (0.7, 1, 0.4831),
  ])
  func settlingPoints(target: Double, noise: Double, expected: Double) {
    let point = Prediction.settlingPoint(
      target: target, noise: noise, kappa: Self.kappa, phi: Self.phi)
    #expect(abs(point - expected) < 1e-4, "\(point)")
  }

  @Test func withoutAsymmetryItSettlesOnTheTarget() {
    #expect(abs(Prediction.settlingPoint(target: 0.4, noise: 1, kappa: 0, phi: 0) - 0.4) < 1e-12)
  }
}

@Suite struct SpiralMetricsTests {
  /// A clockwise spiral that shrinks e-fold every `decay` turns.
  private func spiral(turns: Double, decay: Double, direction: Double = -1) -> SpiralMetrics {
    let target = 0.5
    let aspect = 0.8
    let points = (0...1000).map { index -> (c: Double, a: Double) in
      let turn = turns * Double(index) / 1000
      let radius = target * exp(-turn / decay)
      let angle = .pi + direction * 2 * .pi * turn
      return (target + radius * cos(angle), radius * sin(angle) / aspect)
    }
    return SpiralMetrics(
      core: [points.map(\.c)], fast: [points.map(\.a)], targets: [target], aspect: aspect,
      interval: 10)
  }

  @Test func aSpiralIsMeasured() throws {
    let metrics = spiral(turns: 8, decay: 2)
    let turns = try #require(metrics.turns?[0])
    #expect(abs(turns - 2 * log(4)) < 0.02)
    #expect(abs((metrics.turnsTotal?[0] ?? 0) - 8) < 1e-6)
    #expect(metrics.clockwise == [true])
    #expect(metrics.monotone == [1])
    #expect((metrics.radiusRatio[0] ?? 1) < 0.05)
    #expect(abs(metrics.cMean[0] - 0.5) < 0.01)
  }

  @Test func anOrbitNeverReachesAQuarter() {
    let metrics = spiral(turns: 5, decay: .infinity, direction: 1)
    #expect(metrics.turns == [nil])
    #expect(abs((metrics.radiusRatio[0] ?? 0) - 1) < 1e-9)
    #expect(metrics.clockwise == [false])
  }

  @Test func withoutAnAuxiliaryArrayThereAreNoTurns() {
    let metrics = SpiralMetrics(
      core: [[0, 0.2, 0.3, 0.3, 0.3]], fast: nil, targets: [0.5], aspect: 1, interval: 10)
    #expect(metrics.turns == nil && metrics.aMean == nil)
    #expect(abs(metrics.cMean[0] - 0.3) < 1e-12)
    #expect(abs((metrics.radiusRatio[0] ?? 0) - 0.4) < 1e-12)
  }

  @Test func aTargetOfZeroHasNoRatio() {
    let metrics = SpiralMetrics(
      core: [[0.1, 0, 0]], fast: nil, targets: [0], aspect: 1, interval: 10)
    #expect(metrics.radiusRatio == [nil])
  }
}

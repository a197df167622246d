import SaltireAnalysis
import SaltireCore
import SaltireExperiments
import SaltireLearning
import TestRigs
import Testing

/// The paper's Figures 1 and 2: one parameter, many runs, mean devices.
@Suite struct OneParameterTests {
  private static let targets = Grid.of(
    [-0.7, -0.5, -0.3, -0.1, 0, 0.1, 0.3, 0.5, 0.7], slice: [-0.5, 0.7])
  /// κ and φ of the mean device of model.yaml, a weight unit.
  private static let kappa = 0.6202602817467446
  private static let phi = 0.2658

  private static func outcome(
    _ protocolName: String, on bench: String, _ settings: [String]
  ) async throws -> TrainingOutcome {
    try await LabRun(
      protocolName, on: bench, seed: 1, ["devices.device_to_device=off"] + settings
    ).outcome()
  }

  /// Asymmetric devices settle where theory says, 64 runs for each optimum:
  /// within 0.01 weight units.
  @Test(arguments: Grid.of([0.2, 1.0], slice: [1.0]))
  func gradientDescentSettlesWhereTheorySays(noise: Double) async throws {
    let outcome = try await Self.outcome(
      "sgd-one-parameter", on: "model", ["noise=\(noise)", "replicas=64", "target=\(Self.targets)"])
    let settled = try #require(outcome.cMean)
    #expect(outcome.target == Self.targets)
    #expect(settled.count == Self.targets.count)
    var worst = 0.0
    for (target, mean) in zip(Self.targets, settled) {
      let predicted = Prediction.settlingPoint(
        target: target, noise: noise, kappa: Self.kappa, phi: Self.phi)
      #expect(abs(mean - predicted) <= 0.01, "target \(target): \(mean) for \(predicted)")
      worst = max(worst, abs(mean - predicted))
    }
    // What the session itself predicts comes from measured κ and φ.
    let own = try #require(outcome.predicted)
    #expect(zip(own, settled).allSatisfy { abs($0 - $1) <= 0.02 })
    Figures.note("figure 1, noise \(noise): worst \(worst)")
  }

  /// Symmetric devices reach the optimum: within 0.01 weight units. Noise 1
  /// needs 256 runs for that.
  @Test(arguments: Grid.of([(0.2, 64), (1.0, 256)], slice: [(0.2, 64)]))
  func symmetricDevicesReachEveryOptimum(noise: Double, replicas: Int) async throws {
    let outcome = try await Self.outcome(
      "sgd-one-parameter", on: "model-symmetric",
      [
        "noise=\(noise)", "replicas=\(replicas)", "reference=mid-window",
        "target=\(Self.targets)",
      ])
    let settled = try #require(outcome.cMean)
    #expect(settled.count == Self.targets.count)
    for (target, mean) in zip(Self.targets, settled) {
      #expect(abs(mean - target) <= 0.01, "target \(target): \(mean)")
    }
    let worst = zip(Self.targets, settled).map { abs($0 - $1) }.max() ?? .nan
    #expect(outcome.replicas == replicas)
    // Nothing pulls away from the optimum.
    let own = try #require(outcome.predicted)
    #expect(zip(own, Self.targets).allSatisfy { abs($0 - $1) < 1e-12 })
    Figures.note("figure 1 symmetric, noise \(noise): worst \(worst)")
  }

  /// Figure 2, asymmetric: eight runs spiral clockwise into the optimum.
  @Test func hamiltonianDescentSpiralsIn() async throws {
    let outcome = try await Self.outcome(
      "shd-one-parameter", on: "model", ["devices.states=4000", "replicas=8"])
    let ratio = try #require(outcome.radiusRatio?.first ?? nil)
    let turns = try #require(outcome.turns?.first ?? nil)
    let mean = try #require(outcome.cMean?.first)
    #expect(ratio <= 0.2)
    #expect(turns >= 2 && turns <= 5)
    #expect(outcome.clockwise == [true])
    #expect(abs(mean - 0.5) <= 0.02)
    Figures.note("figure 2: radius ratio \(ratio), turns \(turns), C \(mean)")
  }

  /// Figure 2, symmetric: an ellipse, as many times round as α and β say.
  @Test func hamiltonianDescentCirclesOnSymmetricDevices() async throws {
    let outcome = try await Self.outcome(
      "shd-one-parameter", on: "model-symmetric",
      ["devices.states=4000", "replicas=8", "target=0.4", "reference=mid-window"])
    let ratio = try #require(outcome.radiusRatio?.first ?? nil)
    let total = try #require(outcome.turnsTotal?.first)
    let samples = try #require(outcome.samples)
    let constants = HamiltonianConstants(
      fastRate: 0.02, coreRate: 0.2, inputPower: 1,
      schedule: TransferSchedule(period: 10, inputs: 1))
    let expected = Double(samples) / constants.period
    #expect(ratio >= 0.6 && ratio <= 1.5)
    #expect(abs(total / expected - 1) <= 0.1)
    #expect(outcome.clockwise == [true])
    #expect(outcome.restless == (ratio > 0.5 ? [0] : []))
    Figures.note("figure 2 symmetric: radius ratio \(ratio), turns \(total) for \(expected)")
  }
}

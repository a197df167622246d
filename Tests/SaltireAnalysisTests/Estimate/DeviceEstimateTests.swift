import Foundation
import SaltireDevices
import SaltireTesting
import Testing

@testable import SaltireAnalysis

@Suite struct DeviceEstimateTests {
  /// The point to 1e-3 of the window, within its interval.
  @Test(arguments: [20, 30, 40])
  func fewPulsesWithoutNoiseAreEnough(pulses: Int) throws {
    let shape = KnownDevice.straight(0.686)
    let response = shape.response(
      pulses: pulses, cycles: 1, cycleToCycle: 0, readNoise: 0, seed: 1)
    let point = try #require(try DeviceEstimate(response).symmetryPoint)
    #expect(abs(point.value) < 2e-3)
    #expect(point.low < 0 && point.high > 0)
  }

  /// 95 % intervals of 30 devices of each kind: a true coverage of 95 % leaves fewer than 24 of 30
  /// inside with a probability of 1 in 3,000.
  @Test(arguments: [
    ("abrupt-start", 200, 0.3, 0.2), ("saturating-noisy", 64, 0.1, 1),
    ("small-window", 50, 0.3, 0.5),
    ("many-alike", 64, 0.1, 1), ("straight-0.7", 40, 0.1, 0.2), ("straight-1.2", 64, 0.3, 0.2),
  ])
  func intervalsCoverTheTruth(
    name: String, pulses: Int, cycleToCycle: Double, readNoise: Double
  ) throws {
    let shapes = KnownDevice.measured + [KnownDevice.straight(0.7), KnownDevice.straight(1.2)]
    let shape = try #require(shapes.first { $0.name == name })
    let read = readNoise * shape.step(.up, at: shape.symmetryPoint, of: pulses)
    var covered = 0
    for seed in UInt64(0)..<30 {
      let response = shape.response(
        pulses: pulses, cycles: 1, cycleToCycle: cycleToCycle, readNoise: read, seed: seed)
      let point = try #require(try DeviceEstimate(response).symmetryPoint)
      if point.low <= shape.symmetryPoint, shape.symmetryPoint <= point.high { covered += 1 }
    }
    #expect(covered >= 24)
  }

  /// The noises, the steps and what is derived from them, over 20 devices with straight steps.
  @Test func otherQuantitiesAreCoveredToo() throws {
    let shape = KnownDevice.straight(0.7)
    var covered = [Int](repeating: 0, count: 4)
    for seed in UInt64(0)..<20 {
      let response = shape.response(
        pulses: 200, cycles: 3, cycleToCycle: 0.3, readNoise: 0.005, seed: seed)
      let estimate = try DeviceEstimate(response)
      let truths = [
        0.3, 0.005, 2.2 / 200, 0.7 * (estimate.window.upperBound - estimate.window.lowerBound) / 2,
      ]
      let intervals = [
        estimate.cycleToCycle, estimate.readNoise, estimate.step, estimate.kappa,
      ]
      for (k, interval) in intervals.enumerated()
      where interval.low <= truths[k] && truths[k] <= interval.high {
        covered[k] += 1
      }
    }
    #expect(covered.allSatisfy { $0 >= 15 }, "\(covered)")
  }

  @Test func theSameReadsGiveTheSameEstimate() throws {
    let response = KnownDevice.straight(0.7).response(
      pulses: 40, cycles: 1, cycleToCycle: 0.1, readNoise: 0.01, seed: 3)
    let (first, second) = try (DeviceEstimate(response), DeviceEstimate(response))
    #expect(first.symmetryPoint == second.symmetryPoint && first.kappa == second.kappa)
  }

  /// Another unit gives the same estimate in that unit.
  @Test func theUnitDoesNotMatter() throws {
    var response = KnownDevice.straight(0.7).response(
      pulses: 64, cycles: 1, cycleToCycle: 0.1, readNoise: 0.01, seed: 3)
    let first = try #require(try DeviceEstimate(response).symmetryPoint)
    for k in response.branches.indices {
      response.branches[k].conductances = response.branches[k].conductances.map { 3e-6 + 2e-6 * $0 }
    }
    let second = try #require(try DeviceEstimate(response).symmetryPoint)
    #expect(abs(second.value - (3e-6 + 2e-6 * first.value)) < 1e-9)
    #expect(abs(second.low - (3e-6 + 2e-6 * first.low)) < 1e-9)
  }

  /// A branch that ends where the other begins leaves the point open, but not withheld.
  @Test func aPointBeyondTheReadsHasAnOpenInterval() throws {
    // Up steps are larger over the whole range.
    var x = 0.0
    let up = (0..<60).map { _ -> Double in
      x += 0.02 * (2 - x)
      return x
    }
    let down = (0..<60).map { _ -> Double in
      x -= 0.004
      return x
    }
    let response = PulseResponse(branches: [
      Branch(direction: .up, conductances: up),
      Branch(direction: .down, conductances: [up[59]] + down),
    ])
    let estimate = try DeviceEstimate(response)
    #expect(estimate.symmetryPoint?.value.isFinite != true)
    #expect(estimate.verdict == .outside)
  }

  @Test func whatCannotBeEstimatedIsRefused() {
    let few = PulseResponse(branches: [
      Branch(direction: .up, conductances: [1, 2, 3]),
      Branch(direction: .down, conductances: [3, 2, 1]),
    ])
    #expect(throws: NoSymmetryPoint.undetermined) { try DeviceEstimate(few) }
    let flat = PulseResponse(branches: [
      Branch(direction: .up, conductances: [Double](repeating: 1, count: 40)),
      Branch(direction: .down, conductances: [Double](repeating: 1, count: 40)),
    ])
    #expect(throws: NoSymmetryPoint.unresponsive) { try DeviceEstimate(flat) }
    let swapped = PulseResponse(branches: [
      Branch(direction: .up, conductances: (0..<40).map { -Double($0) }),
      Branch(direction: .down, conductances: (0..<40).map { -39 + Double($0) }),
    ])
    #expect(throws: NoSymmetryPoint.undetermined) { try DeviceEstimate(swapped) }
  }
}

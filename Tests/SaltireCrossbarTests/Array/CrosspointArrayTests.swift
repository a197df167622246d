import SaltireCore
import SaltireDevices
import SaltireLearning
import Testing

@testable import SaltireCrossbar

@Suite struct CrosspointArrayTests {
  @Test(arguments: [
    "EcRam", "EcRamMO", "bench500", "constant", "soft_bounds", "soft_bounds_updown0p2",
    "ReRamES_exp", "pow2",
  ])
  func crossedSwordsInDoublePrecision(name: String) throws {
    let fixture = try #require(DeviceFixtures.shared.crossed_swords[name])
    let array = CrosspointArray<Double>(
      DeviceFixtures.model(name), rows: 2, columns: 3, seed: 1, name: "fixture")
    array.place(at: [Double](repeating: fixture.start, count: 6))
    var weights = [array[1, 2]]
    for pulse in 0..<fixture.n_up + fixture.n_dn {
      array.pulseAll(pulse < fixture.n_up ? .up : .down)
      weights.append(array[1, 2])
    }
    for (index, expected) in zip(fixture.index, fixture.w) {
      #expect(abs(weights[index] - expected) < 1e-9, "pulse \(index)")
    }
    #expect(array.pulses == 6 * (fixture.n_up + fixture.n_dn))
  }

  @Test(arguments: ["bench500", "EcRamMO", "EcRam"])
  func zeroShiftingInDoublePrecision(name: String) throws {
    let fixture = try #require(DeviceFixtures.shared.zero_shifting_deterministic[name])
    let array = CrosspointArray<Double>(
      DeviceFixtures.model(name), rows: 1, columns: 1, seed: 1, name: "fixture")
    array.place(at: [fixture.start])
    var checked = 0
    for pair in 1...20_000 {
      array.pulseAll(.up)
      let afterUp = array[0, 0]
      array.pulseAll(.down)
      guard let expected = fixture.pairs_then_wUp_wDown["\(pair)"] else { continue }
      #expect(abs(afterUp - expected[0]) < 1e-9, "pair \(pair)")
      #expect(abs(array[0, 0] - expected[1]) < 1e-9, "pair \(pair)")
      checked += 1
    }
    #expect(checked == fixture.pairs_then_wUp_wDown.count)
  }

  /// Random updates of both signs, rows and columns that are no whole vectors.
  private func train<Real>(
    _ array: CrosspointArray<Real>, _ update: PulsedUpdate, updates: Int, seed: UInt64 = 5
  ) {
    var random = RandomStream(seed: seed)
    for _ in 0..<updates {
      let inputs = (0..<array.columns).map { _ in Float(random.uniform(-1, 1)) }
      let ascent = (0..<array.rows).map { _ in
        random.uniform() < 0.2 ? 0 : Float(random.uniform(-1, 1))
      }
      array.update(update, rate: 0.05, inputs: inputs, ascent: ascent)
    }
  }

  private static let kinds = PulsedUpdate.Kind.allCases

  @Test(arguments: Models.names)
  func everyKernelAndAnyNumberOfThreadsGiveTheSameBits(name: String) {
    for kind in Self.kinds {
      let update = PulsedUpdate(
        kind: kind, management: UpdateManagement(maximumLength: 40, adaptsLength: false))
      var results: [[Float]] = []
      var pulses: [Int] = []
      for kernel in Kernel.available {
        for threads in 1...3 {
          let array = CrosspointArray<Float>(
            Models.named(name), rows: 53, columns: 37, seed: 3, name: "A", kernel: kernel)
          array.threads = threads
          train(array, update, updates: 20)
          results.append(array.weights)
          pulses.append(array.pulses)
        }
      }
      #expect(pulses[0] > 1000, "\(kind)")
      #expect(pulses.allSatisfy { $0 == pulses[0] }, "\(kind)")
      #expect(results.allSatisfy { $0 == results[0] }, "\(kind)")
    }
  }

  /// Single precision goes with double precision, deviate by deviate.
  @Test(arguments: Models.names)
  func singlePrecisionFollowsDouble(name: String) {
    let single = CrosspointArray<Float>(
      Models.named(name), rows: 20, columns: 20, seed: 3, name: "A")
    let double = CrosspointArray<Double>(
      Models.named(name), rows: 20, columns: 20, seed: 3, name: "A")
    train(single, PulsedUpdate(), updates: 50)
    train(double, PulsedUpdate(), updates: 50)
    #expect(single.pulses == double.pulses)
    let worst = zip(single.weights, double.weights).reduce(0) {
      max($0, abs(Double($1.0) - $1.1))
    }
    #expect(worst < 1e-4)
    #expect(double.weights.contains { abs($0) > 0.05 })
  }

  /// A tenth of the array and a hundredth of an update: nothing moves that has
  /// no coincidence.
  @Test func devicesWithoutCoincidenceStay() {
    let model = Models.named("linear")
    let array = CrosspointArray<Float>(model, rows: 40, columns: 40, seed: 3, name: "A")
    let before = array.weights
    var inputs = [Float](repeating: 0, count: 40)
    inputs[17] = 1
    var ascent = [Float](repeating: 0, count: 40)
    ascent[31] = -1
    array.update(PulsedUpdate(), rate: 0.1, inputs: inputs, ascent: ascent)
    for (index, (old, new)) in zip(before, array.weights).enumerated() where old != new {
      #expect(index == 31 * 40 + 17)
    }
    #expect(array.pulses == 10)
  }

  @Test func ageingIsThatOfTheDevices() {
    var model = Models.named("linear")
    model.writeNoise = 0
    model.lifetime = 100
    model.lifetimeSpread = 0.2
    model.resetBias = 0.1
    model.drift = DeviceModel.Drift(nu: 0.05, nuSpread: 0.2, t0: 1)
    let array = CrosspointArray<Double>(model, rows: 4, columns: 5, seed: 8, name: "A")
    var devices = array.drawn()
    let start = (0..<20).map { Double($0) * 0.05 - 0.5 }
    array.place(at: start)
    var random = RandomStream(seed: 1)
    for index in devices.indices { devices[index].place(at: start[index]) }
    for duration in [0.5, 3, 20] {
      array.elapse(duration)
      for index in devices.indices { devices[index].elapse(duration, random: &random) }
    }
    for index in devices.indices {
      #expect(abs(array[index / 5, index % 5] - devices[index].weight) < 1e-12)
    }
    #expect(zip(start, array.weights).allSatisfy { $0 != $1 })
  }
}

import SaltireCore
import SaltireDevices
import SaltireLearning
import Testing

@testable import SaltireCrossbar

/// Two weights learn y = 0.5 x₁ − 0.4 x₂ + γ on arrays: means over eight seeds
/// against those of an independent simulation of the same experiment.
@Suite struct LearningRuleTests {
  private static let seeds = 1...8 as ClosedRange<UInt64>

  /// Metal-oxide ECRAM with 500 states and a cycle-to-cycle noise of 0.3.
  private static func device(symmetric: Bool = false) -> DeviceModel {
    var model = DeviceModel.preset("EcRamMO")!
    model.step = 0.004
    model.cycleToCycle = 0.3
    if symmetric { model.law = .constantStep }
    return model
  }

  private static func array(_ name: String, _ seed: UInt64, symmetric: Bool = false)
    -> CrosspointArray<Float>
  {
    CrosspointArray(
      device(symmetric: symmetric), rows: 1, columns: 2, seed: seed, name: name)
  }

  /// Means of A and C over the last fifth.
  private struct Tail {
    var fast = [0.0, 0]
    var core = [0.0, 0]
    /// Mean square distance of C from the optimum.
    var scatter = 0.0
  }

  private static let targets = [0.5, -0.4]

  private static func tail(
    noise: Double, rates: LearningRates, samples: Int = 20_000,
    _ matrix: (UInt64) -> any WeightMatrix
  ) -> Tail {
    var tail = Tail()
    var count = 0.0
    for seed in seeds {
      let training = LinearTraining(
        matrix(seed), targets: targets, noise: noise, rates: rates, seed: seed + 100)
      training.train(samples: samples * 4 / 5)
      for _ in 0..<samples / 50 {
        training.train(samples: 10)
        count += 1
        for column in 0..<2 {
          let (fast, core) = training.matrix.weights(row: 0, column: column)
          tail.fast[column] += Double(fast)
          tail.core[column] += Double(core)
          let distance = Double(core) - targets[column]
          tail.scatter += distance * distance
        }
      }
    }
    tail.fast = tail.fast.map { $0 / count }
    tail.core = tail.core.map { $0 / count }
    tail.scatter /= count
    return tail
  }

  private static func transfer(
    _ transfer: Transfer, seed: UInt64, symmetric: Bool = false,
    reference: ReferenceSource = .analytic, coreReference: ReferenceSource? = .analytic
  ) -> TransferMatrix {
    TransferMatrix(
      fast: array("A", seed, symmetric: symmetric), core: array("C", seed, symmetric: symmetric),
      reference: reference, coreReference: coreReference, initial: [0, 0], scale: 1,
      transfer: transfer, seed: seed, name: "T")
  }

  /// The published loop: one column each tenth sample, long core trains.
  private static let hamiltonian = Transfer(
    .direct, period: 10,
    coreUpdate: PulsedUpdate(management: UpdateManagement(maximumLength: 200)))
  private static let hamiltonianRates = LearningRates(fast: 0.05, core: 0.2)

  @Test func gradientDescentStopsShortOnAsymmetricDevices() {
    let rates = LearningRates(fast: 0.02)
    func run(noise: Double, symmetric: Bool) -> Tail {
      Self.tail(noise: noise, rates: rates) { seed in
        GradientDescentMatrix(
          core: Self.array("C", seed, symmetric: symmetric), reference: .analytic,
          initial: [0, 0], scale: 1, update: PulsedUpdate())
      }
    }
    let quiet = run(noise: 0.05, symmetric: false).core
    #expect(abs(quiet[0] - 0.483) < 0.01 && abs(quiet[1] + 0.380) < 0.01, "\(quiet)")
    let noisy = run(noise: 0.5, symmetric: false).core
    #expect(abs(noisy[0] - 0.365) < 0.02 && abs(noisy[1] + 0.290) < 0.02, "\(noisy)")
    let ideal = run(noise: 0.5, symmetric: true).core
    #expect(abs(ideal[0] - 0.499) < 0.02 && abs(ideal[1] + 0.407) < 0.02, "\(ideal)")
  }

  @Test(arguments: [true, false])
  func hamiltonianDescentGetsThere(shared: Bool) {
    for noise in [0.05, 0.5] {
      let tail = Self.tail(noise: noise, rates: Self.hamiltonianRates) { seed in
        Self.transfer(
          Self.hamiltonian, seed: seed, coreReference: shared ? nil : .analytic)
      }
      for column in 0..<2 {
        let miss = abs(tail.core[column] - Self.targets[column])
        #expect(miss < (noise > 0.1 ? 0.03 : 0.015), "\(noise): \(tail.core)")
        #expect(abs(tail.fast[column]) < (noise > 0.1 ? 0.05 : 0.03), "\(noise): \(tail.fast)")
      }
    }
  }

  /// Without asymmetry the motion is undamped: C orbits the optimum.
  @Test func symmetricDevicesCircle() {
    let damped = Self.tail(noise: 0.05, rates: Self.hamiltonianRates) {
      Self.transfer(Self.hamiltonian, seed: $0)
    }
    let undamped = Self.tail(noise: 0.05, rates: Self.hamiltonianRates) {
      Self.transfer(Self.hamiltonian, seed: $0, symmetric: true)
    }
    #expect(undamped.scatter > 10 * damped.scatter)
  }

  @Test func zeroShiftingFindsTheSymmetryPoints() {
    let array = CrosspointArray<Float>(
      Self.device(), rows: 20, columns: 20, seed: 3, name: "A")
    let truth = array.references(.analytic).map(Double.init)
    let found = array.references(.zeroShift(pairs: 3000)).map(Double.init)
    let errors = zip(found, truth).map { $0 - $1 }
    let (mean, variance) = moments(errors)
    // 500 states, 1500 pairs averaged: 0.017·√(2·202/1500) = 0.009.
    #expect(abs(mean) < 0.003)
    #expect(variance.squareRoot() < 0.013)
    #expect(moments(truth).variance.squareRoot() > 0.01)
    #expect(array.references(.zero) == [Float](repeating: 0, count: 400))
  }

  /// References that are off by 0.2: SHD ends elsewhere; rules that track their own references are
  /// not affected.
  @Test func whoNeedsReferences() {
    func offset(_ rule: Transfer, _ rates: LearningRates) -> Tail {
      Self.tail(noise: 0.3, rates: rates, samples: 60_000) { seed in
        var model = Self.device()
        model.law = .softBoundsReference(referenceMean: -0.2)
        let fast = CrosspointArray<Float>(model, rows: 1, columns: 2, seed: seed, name: "A")
        return TransferMatrix(
          fast: fast, core: Self.array("C", seed), reference: .zero, coreReference: .analytic,
          initial: [0, 0], scale: 1, transfer: rule, seed: seed, name: "T")
      }
    }
    let shd = offset(Self.hamiltonian, Self.hamiltonianRates)
    let agad = offset(
      Transfer(
        .dynamic(TransferBuffer(), .init(granularity: 10), period: 20, tail: 5), period: 2),
      LearningRates(fast: 0.05, core: 0.02))
    let chopped = offset(
      Transfer(
        .chopped(
          TransferBuffer(), .init(granularity: 30), probability: 0.02, outputProbability: 0),
        period: 2), LearningRates(fast: 0.05, core: 0.02))
    func miss(_ tail: Tail) -> Double {
      zip(tail.core, Self.targets).map { abs($0 - $1) }.max()!
    }
    #expect(miss(shd) > 0.06, "\(shd.core)")
    #expect(miss(agad) < 0.05, "\(agad.core)")
    #expect(miss(chopped) < 0.05, "\(chopped.core)")
  }

  @Test func theFamilyGetsThere() {
    var share = Self.hamiltonian
    share.fastShare = 0.5
    let buffered = Transfer(.buffered(TransferBuffer(), threshold: 1), period: 2)
    for (name, rule, rates) in [
      ("share", share, Self.hamiltonianRates),
      ("buffered", buffered, LearningRates(fast: 0.05, core: 0.02)),
    ] {
      let tail = Self.tail(noise: 0.1, rates: rates) { Self.transfer(rule, seed: $0) }
      for column in 0..<2 {
        let weight = tail.core[column] + rule.fastShare * tail.fast[column]
        #expect(abs(weight - Self.targets[column]) < 0.04, "\(name) \(tail)")
      }
    }
  }

  /// The buffer gives whole pulses and keeps the rest.
  @Test func buffersGiveWholePulses() {
    var held: Float = 0.7
    let keeping = TransferBuffer(forgets: false, momentum: 0.1, largest: 2)
    #expect(keeping.pulses(&held, adding: 0.2) == 0)
    #expect(abs(held - 0.9) < 1e-6)
    #expect(keeping.pulses(&held, adding: 0.4) == 1)
    #expect(abs(held - 0.4) < 1e-6)
    #expect(keeping.pulses(&held, adding: -4.5) == -2)
    #expect(abs(held + 2.3) < 1e-6)
    let forgetting = TransferBuffer()
    held = 1.5
    #expect(forgetting.pulses(&held, adding: 1) == 1)
    #expect(abs(held - 0.25) < 1e-6)
  }
}

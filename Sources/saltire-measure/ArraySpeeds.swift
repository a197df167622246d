import Foundation
import SaltireCore
import SaltireCrossbar
import SaltireDevices
import SaltireLearning

/// The speed of arrays and of networks on them.
final class ArraySpeeds {
  /// An array of 512 × 512 different devices, with lines to pulse it.
  private final class Tile {
    let array: CrosspointArray<Float>
    var random = RandomStream(seed: 7)
    static let size = 512

    init() {
      var model = DeviceModel(
        law: .linearStep(gammaUp: 0.4, gammaDown: 0.7, gammaUpSpread: 0.05, gammaDownSpread: 0.05),
        step: 0.001)
      model.stepSpread = 0.3
      model.upDownSpread = 0.01
      model.weightMaxSpread = 0.3
      model.weightMinSpread = 0.3
      model.cycleToCycle = 0.3
      array = CrosspointArray(model, rows: Self.size, columns: Self.size, seed: 1, name: "tile")
    }

    /// Pulses per second; `line` returns the value of a line, which is its firing probability.
    func rate(_ line: (inout RandomStream) -> Float) -> Double {
      let length = 31
      let update = PulsedUpdate(
        management: UpdateManagement(
          maximumLength: length, balancesGains: false, adaptsLength: false))
      // Both gains are 1.
      let rate = Double(length) * array.model.granularity
      let lines = (0..<10).map { _ in
        (
          (0..<Self.size).map { _ in line(&random) }, (0..<Self.size).map { _ in line(&random) }
        )
      }
      let before = array.pulses
      let begin = HostTime.monotonic
      for (inputs, ascent) in lines {
        array.update(update, rate: rate, inputs: inputs, ascent: ascent)
      }
      return Double(array.pulses - before) / (HostTime.monotonic - begin)
    }
  }

  private lazy var tile = Tile()

  func dense() -> Double { tile.rate { Float($0.uniform(-1, 1)) } }

  func sparse() -> Double { tile.rate { $0.uniform() < 0.5 ? 0.1 : -0.1 } }

  /// The network of the paper on text with 87 distinct bytes.
  private func network(batch: Int, threads: Int, digital: Bool) throws -> TextTraining {
    var random = RandomStream(seed: 3)
    let text = (0..<200_000).map { _ in UInt8(min(-log2(1 - random.uniform()) * 8, 86)) }
    let corpus = try TextCorpus((0..<87).map { UInt8($0) } + text, train: 190_000, test: 100)
    let classes = corpus.vocabulary.count
    let layers = [
      Layer(.longShortTermMemory, inputs: classes, outputs: 64),
      Layer(.longShortTermMemory, inputs: 64, outputs: 64),
      Layer(.dense(.identity), inputs: 64, outputs: classes),
    ]
    let model = DeviceModel.preset("EcRamMO")!
    let network = Network(
      layers.enumerated().map { index, layer in
        let initial = (0..<layer.rows * layer.columns).map { _ in
          Float(random.uniform(-0.125, 0.125))
        }
        func array(_ name: String) -> CrosspointArray<Float> {
          CrosspointArray(
            model, rows: layer.rows, columns: layer.columns, seed: 1, name: "\(name)\(index)")
        }
        let matrix: any WeightMatrix =
          digital
          ? DigitalMatrix(rows: layer.rows, columns: layer.columns, initial: initial)
          : TransferMatrix(
            fast: array("A"), core: array("C"), reference: .analytic, coreReference: nil,
            initial: initial, scale: 1,
            transfer: Transfer(
              .direct, period: 1,
              fastUpdate: PulsedUpdate(management: UpdateManagement(maximumLength: 100)),
              coreUpdate: PulsedUpdate(management: UpdateManagement(maximumLength: 100))),
            seed: 1, name: "T\(index)")
        return (layer, matrix)
      }, forward: digital ? .perfect : .onen2022, backward: digital ? .perfect : .onen2022,
      seed: 1, threads: threads)
    let training = TextTraining(
      network, on: corpus,
      .init(
        batch: batch, unroll: 100, epochs: 1000, report: 1 << 40,
        // Trains stay below 10 slots, as in the paper.
        rates: LearningRates(fast: 0.002, core: 0.02)))
    _ = training.advance()
    return training
  }

  /// Of the last network.
  private(set) var pulsesPerCharacter = 0.0
  private var trainings: [String: TextTraining] = [:]

  /// Characters per second.
  func characters(batch: Int, threads: Int, digital: Bool = false) throws -> Double {
    let key = "\(batch) \(threads) \(digital)"
    let training =
      try trainings[key] ?? network(batch: batch, threads: threads, digital: digital)
    trainings[key] = training
    let before = training.characters
    let pulses = training.network.pulses
    let begin = HostTime.monotonic
    while training.characters - before < 3000 { _ = training.advance() }
    pulsesPerCharacter = Double(training.network.pulses - pulses) / 3000
    return Double(training.characters - before) / (HostTime.monotonic - begin)
  }

  /// SHD samples per second with two weights.
  func twoWeights() -> Double {
    var model = DeviceModel.preset("EcRamMO")!
    model.step = 0.004
    model.cycleToCycle = 0.3
    func array(_ name: String) -> CrosspointArray<Float> {
      CrosspointArray(model, rows: 1, columns: 2, seed: 1, name: name)
    }
    let matrix = TransferMatrix(
      fast: array("A"), core: array("C"), reference: .analytic, coreReference: .analytic,
      initial: [0, 0], scale: 1,
      transfer: Transfer(
        .direct, period: 10,
        coreUpdate: PulsedUpdate(management: UpdateManagement(maximumLength: 200))),
      seed: 1, name: "T")
    let training = LinearTraining(
      matrix, targets: [0.5, -0.4], noise: 0.05, rates: LearningRates(fast: 0.05, core: 0.2),
      seed: 2)
    let samples = 50_000
    let begin = HostTime.monotonic
    training.train(samples: samples)
    return Double(samples) / (HostTime.monotonic - begin)
  }
}

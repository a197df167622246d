import SaltireCore
import SaltireDevices
import SaltireLearning
import Testing

@testable import SaltireCrossbar

@Suite struct NetworkTests {
  /// Two layers of memory cells, one of hidden units, and the outputs.
  private static let layers = [
    Layer(.longShortTermMemory, inputs: 7, outputs: 16),
    Layer(.longShortTermMemory, inputs: 16, outputs: 16),
    Layer(.dense(.tanh), inputs: 16, outputs: 9),
    Layer(.dense(.sigmoid), inputs: 9, outputs: 11),
    Layer(.dense(.identity), inputs: 11, outputs: 7),
  ]

  private static func parameters(_ seed: UInt64, _ layers: [Layer] = layers) -> [[Float]] {
    var random = RandomStream(seed: seed)
    return layers.map { layer in
      (0..<layer.rows * layer.columns).map { _ in Float(random.uniform(-0.5, 0.5)) }
    }
  }

  private static func sequences(
    _ count: Int, _ steps: Int, classes: Int = 7, seed: UInt64 = 2
  ) -> Sequences {
    var random = RandomStream(seed: seed)
    func draw() -> [Int32] {
      (0..<count * steps).map { _ in Int32(random.uniform(0, Double(classes))) }
    }
    return Sequences(count: count, steps: steps, inputs: .classes(draw()), targets: draw())
  }

  private static func digital(
    _ parameters: [[Float]], layers: [Layer] = layers, threads: Int = 1, kernel: Kernel = .fastest
  ) -> Network {
    Network(
      zip(layers, parameters).map { layer, initial in
        (
          layer,
          DigitalMatrix(
            rows: layer.rows, columns: layer.columns, initial: initial, kernel: kernel)
        )
      }, seed: 1, threads: threads, kernel: kernel)
  }

  private static func weights(_ network: Network) -> [[Float]] {
    network.matrices.map { matrix in
      let seen = Matrix(rows: matrix.rows, columns: matrix.columns)
      matrix.read(into: seen)
      return (0..<matrix.rows).flatMap { row in
        (0..<matrix.columns).map { seen.values[row * seen.stride + $0] }
      }
    }
  }

  /// Along directions in the space of all weights, to 1e-4 of the gradient.
  @Test func gradientsAreThoseOfTheLoss() {
    let start = Self.parameters(1)
    let batch = Self.sequences(3, 9)
    let trained = Self.digital(start)
    _ = trained.train(batch, rates: LearningRates(fast: 1))
    // One window at constant weights, at rate 1: what moved is the gradient.
    let gradient = zip(Self.weights(trained), start).map { after, before in
      zip(after, before).map { Double($0) - Double($1) }
    }
    let norm = gradient.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(norm > 1)

    func loss(_ direction: [[Double]], _ h: Double) -> Double {
      let moved = zip(start, direction).map { from, along in
        zip(from, along).map { Float(Double($0) + h * $1) }
      }
      return Self.digital(moved).train(batch, rates: LearningRates(fast: 0)).crossEntropy
    }
    var random = RandomStream(seed: 3)
    // Each layer's weights alone, and mixtures with random directions.
    for index in 0..<start.count * 4 {
      var direction = gradient.map { $0.map { _ in 0.0 } }
      let layer = index % start.count
      let own = gradient[layer].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for weight in direction[layer].indices {
        let push =
          index < start.count ? 0 : random.normal() / Double(start[layer].count).squareRoot()
        direction[layer][weight] = gradient[layer][weight] / own + push
      }
      let expected = zip(gradient.joined(), direction.joined()).reduce(0) { $0 + $1.0 * $1.1 }
      let h = 0.02
      // Fourth order; the loss falls along the gradient's negative.
      let numeric =
        (8 * (loss(direction, h) - loss(direction, -h))
          - (loss(direction, 2 * h) - loss(direction, -2 * h))) / (12 * h)
      #expect(abs(numeric + expected) < 1e-4 * norm, "layer \(layer)")
      #expect(abs(expected) > 0.01 * norm, "layer \(layer)")
    }
  }

  private static let noisy: Periphery = {
    var periphery = Periphery.onen2022
    periphery.inputNoise = 0.01
    return periphery
  }()

  private static func device() -> DeviceModel {
    var model = DeviceModel(
      law: .linearStep(gammaUp: 0.5, gammaDown: 0.5, gammaUpSpread: 0.05, gammaDownSpread: 0.05),
      step: 0.002, weightMin: -2, weightMax: 2)
    model.stepSpread = 0.3
    model.upDownSpread = 0.01
    model.cycleToCycle = 0.3
    return model
  }

  private static func analog(
    _ parameters: [[Float]], layers: [Layer] = layers, model: DeviceModel = device(),
    periphery: Periphery = noisy, threads: Int = 1, kernel: Kernel = .fastest,
    rule: Transfer? = Transfer(.direct, period: 2)
  ) -> Network {
    Network(
      zip(layers, parameters).enumerated().map { index, pair in
        let (layer, initial) = pair
        func array(_ name: String) -> CrosspointArray<Float> {
          CrosspointArray(
            model, rows: layer.rows, columns: layer.columns, seed: 5, name: "\(name)\(index)",
            kernel: kernel)
        }
        let matrix: any WeightMatrix
        if let rule {
          matrix = TransferMatrix(
            fast: array("A"), core: array("C"), reference: .analytic, coreReference: nil,
            initial: initial, scale: 1, transfer: rule, seed: 5, name: "T\(index)")
        } else {
          matrix = GradientDescentMatrix(
            core: array("C"), reference: .analytic, initial: initial, scale: 1,
            update: PulsedUpdate())
        }
        return (layer, matrix)
      }, forward: periphery, backward: periphery, seed: 6, threads: threads, kernel: kernel)
  }

  @Test(arguments: [true, false])
  func threadsAndKernelsChangeNothing(transfers: Bool) {
    var results: [([[Float]], Score, Int)] = []
    for kernel in Kernel.available {
      for threads in 1...2 {
        let network = Self.analog(
          Self.parameters(1), threads: threads, kernel: kernel,
          rule: transfers ? Transfer(.direct, period: 2) : nil)
        var score = Score()
        for window in 0..<3 as Range<UInt64> {
          score = network.train(
            Self.sequences(3, 8, seed: window), rates: LearningRates(fast: 0.05, core: 0.1))
        }
        results.append((Self.weights(network), score, network.pulses))
      }
    }
    for result in results {
      #expect(result.0 == results[0].0)
      #expect(result.1 == results[0].1)
      #expect(result.2 == results[0].2)
    }
    #expect(results[0].2 > 100)
  }

  private static let rules: [(String, Transfer?)] = {
    var share = Transfer(.direct, period: 2)
    share.fastShare = 0.5
    var auto = Transfer(
      .chopped(TransferBuffer(), .init(), probability: 0.1, outputProbability: 0.1), period: 1)
    auto.scalesFastRate = true
    return [
      ("gradient descent", nil), ("direct", Transfer(.direct, period: 2)), ("share", share),
      ("buffered", Transfer(.buffered(TransferBuffer(), threshold: 1), period: 1)),
      ("chopped", auto),
      (
        "dynamic",
        Transfer(.dynamic(TransferBuffer(forgets: false), .init(), period: 3, tail: 1), period: 1)
      ),
    ]
  }()

  /// Saved in the middle and restored into another network, training continues bit for bit, also
  /// with devices that age.
  @Test(arguments: rules.map(\.0))
  func whatIsRestoredGoesOnAsIfNothingHadHappened(rule: String) throws {
    let transfer = try #require(Self.rules.first { $0.0 == rule }).1
    var model = Self.device()
    model.writeNoise = 1
    model.lifetime = 1000
    model.diffusion = 1e-4
    let start = Self.parameters(1)
    func window(_ network: Network, _ index: UInt64) {
      _ = network.train(
        Self.sequences(2, 6, seed: index), rates: LearningRates(fast: 0.05, core: 0.1))
      network.elapse(1)
      _ = network.evaluate([Self.sequences(1, 5, seed: 99)])
    }
    let whole = Self.analog(start, model: model, rule: transfer)
    for index in 0..<3 as Range<UInt64> { window(whole, index) }
    var record = RecordWriter()
    whole.save(&record)
    let resumed = Self.analog(start, model: model, rule: transfer)
    var reader = RecordReader(record.bytes)
    try resumed.restore(&reader)
    try reader.finish()
    for index in 3..<6 as Range<UInt64> {
      window(whole, index)
      window(resumed, index)
    }
    #expect(Self.weights(whole) == Self.weights(resumed))
    #expect(whole.pulses == resumed.pulses)
    let test = Self.sequences(1, 20, seed: 100)
    #expect(whole.evaluate([test]) == resumed.evaluate([test]))
  }

  /// Carrying the state from window to window is equivalent to one window: the loss of 12 steps is
  /// that of 3 times 4.
  @Test func statesAreCarriedOver() {
    let whole = Self.sequences(1, 12)
    guard case .classes(let inputs) = whole.inputs else { return }
    let parts = (0..<3).map { part in
      Sequences(
        count: 1, steps: 4, inputs: .classes(Array(inputs[part * 4..<part * 4 + 4])),
        targets: Array(whole.targets[part * 4..<part * 4 + 4]))
    }
    let network = Self.digital(Self.parameters(4))
    let one = network.evaluate([whole])
    let three = network.evaluate(parts)
    #expect(one.crossEntropy == three.crossEntropy)
    let rates = LearningRates(fast: 0)
    let trained = parts.map { network.train($0, rates: rates).crossEntropy }.reduce(0, +)
    #expect(abs(trained - one.crossEntropy) < 1e-9)
  }
}

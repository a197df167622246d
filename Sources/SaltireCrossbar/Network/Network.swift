import CCrossbar
import Dispatch
public import SaltireCore

/// Layers of weights on arrays, trained to predict the next class of sequences by backpropagation
/// through the steps of a window.
///
/// All sequences of a batch are evaluated with the same weights; then every layer learns every step
/// of every sequence, one after the other. Results do not depend on the number of threads: noise is
/// determined by sequence and step, and layers learn independently.
// Unchecked: a network belongs to one task at a time; its threads use different sequences and
// different layers.
public final class Network: @unchecked Sendable {
  public let layers: [Layer]
  public let matrices: [any WeightMatrix]
  /// The number of threads.
  public let threads: Int
  private let kernel: Kernel
  private let seen: [Matrix]
  private var products: [[LayerProduct]]
  private var traces: [[LayerTrace]] = []
  private var evaluationTraces: [LayerTrace] = []
  /// The number of trained steps, a counter for noise.
  private(set) var epoch: UInt64 = 0
  private var evaluations: UInt64 = 0

  /// - Parameters:
  ///   - layers: each with its matrix; the first receives the inputs.
  ///   - forward: the periphery of products.
  ///   - backward: the periphery of products of errors, without bound management.
  ///   - seed: the seed of the products' noise.
  ///   - threads: the number of threads, which does not change the bits.
  ///   - kernel: the compute kernel; all give the same bits.
  public init(
    _ layers: [(layer: Layer, matrix: any WeightMatrix)], forward: Periphery = .perfect,
    backward: Periphery = .perfect, seed: UInt64, threads: Int = 1, kernel: Kernel = .fastest
  ) {
    precondition(!layers.isEmpty, "a network needs at least one layer")
    for (layer, matrix) in layers {
      precondition(
        layer.rows == matrix.rows && layer.columns == matrix.columns, "a matrix of the layer's size"
      )
    }
    self.layers = layers.map(\.layer)
    matrices = layers.map(\.matrix)
    (self.threads, self.kernel) = (threads, kernel)
    seen = layers.map { Matrix(rows: $0.layer.rows, columns: $0.layer.columns) }
    let lines = layers.map { max($0.layer.rows, $0.layer.columns) }.max()!
    products = []
    for _ in 0..<threads {
      let there = AnalogProduct(forward, lines: lines, kernel: kernel)
      let back = AnalogProduct(backward, lines: lines, kernel: kernel)
      products.append(
        layers.indices.map { index in
          LayerProduct(
            matrix: seen[index], scale: matrices[index].productScale, forwardProduct: there,
            backwardProduct: back,
            stream: KernelStream(seed: seed, name: "layer \(index) products"), kernel: kernel)
        })
    }
    readWeights()
  }

  /// The number of pulses on all devices so far.
  public var pulses: Int { matrices.reduce(0) { $0 + $1.pulses } }

  private func readWeights() {
    for (matrix, seen) in zip(matrices, seen) { matrix.read(into: seen) }
  }

  /// Clears the states that sequences carry over.
  public func forgetStates() {
    traces = []
    evaluationTraces = []
  }

  // MARK: Training

  /// Trains one window: forward, backward, and the updates of every layer.
  ///
  /// The states of memory cells are carried to the next window.
  public func train(_ sequences: Sequences, rates: LearningRates) -> Score {
    if traces.count != sequences.count || traces[0][0].steps != sequences.steps {
      traces = (0..<sequences.count).map { _ in
        layers.map { LayerTrace($0, steps: sequences.steps) }
      }
    }
    var scores = [Score](repeating: Score(), count: sequences.count)
    scores.withUnsafeMutableBufferPointer { buffer in
      // Every thread writes the elements of its own sequences.
      nonisolated(unsafe) let scores = buffer
      spread(sequences.count) { sequence, thread in
        scores[sequence] = propagate(sequences, sequence, products[thread])
      }
    }
    epoch += UInt64(sequences.steps * sequences.count)
    spread(layers.count) { index, _ in
      for step in 0..<sequences.steps {
        for trace in traces {
          matrices[index].learn(
            inputs: trace[index].input(step), ascent: trace[index].ascent(step), rates: rates)
        }
      }
      matrices[index].read(into: seen[index])
    }
    return scores.reduce(Score(), +)
  }

  /// Runs `body` for each index on several threads.
  private func spread(_ count: Int, _ body: @Sendable (_ index: Int, _ thread: Int) -> Void) {
    let workers = min(threads, count)
    guard workers > 1 else {
      for index in 0..<count { body(index, 0) }
      return
    }
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for index in stride(from: worker, to: count, by: workers) { body(index, worker) }
    }
  }

  private func propagate(
    _ sequences: Sequences, _ sequence: Int, _ products: [LayerProduct]
  ) -> Score {
    let traces = traces[sequence]
    var score = Score()
    for step in 0..<sequences.steps {
      let at = moment(sequences, sequence, step)
      forward(sequences, sequence, step, traces, products, at)
      judge(&score, traces[traces.count - 1].output(step), sequences, sequence, step)
    }
    for trace in traces { trace.beginBackward() }
    for step in (0..<sequences.steps).reversed() {
      let at = moment(sequences, sequence, step)
      // The outputs of the last layer now contain the ascent of its sums.
      var ascent = UnsafePointer(traces[traces.count - 1].output(step))
      for index in layers.indices.reversed() {
        ascent = traces[index].backward(
          step, ascent, products[index], at, needsInput: index > 0)
      }
    }
    for trace in traces { trace.carry(from: sequences.steps) }
    return score
  }

  /// The noise counter of a step; odd ones are for evaluations.
  private func moment(_ sequences: Sequences, _ sequence: Int, _ step: Int) -> UInt64 {
    (epoch + UInt64(step * sequences.count + sequence)) << 1
  }

  private func forward(
    _ sequences: Sequences, _ sequence: Int, _ step: Int, _ traces: [LayerTrace],
    _ products: [LayerProduct], _ moment: UInt64
  ) {
    sequences.input(sequence, step, into: traces[0].input(step), layers[0].inputs)
    for index in layers.indices {
      traces[index].forward(step, products[index], moment)
      if index + 1 < layers.count {
        traces[index + 1].input(step).update(
          from: traces[index].output(step), count: layers[index].outputs)
      }
    }
  }

  /// Computes the cross-entropy with the softmax of the outputs, and replaces the outputs by the
  /// negative gradient: target − probability.
  private func judge(
    _ score: inout Score, _ outputs: UnsafeMutablePointer<Float>, _ sequences: Sequences,
    _ sequence: Int, _ step: Int
  ) {
    let count = layers[layers.count - 1].outputs
    let target = Int(sequences.targets[sequence * sequences.steps + step])
    kernel.functions.softmax(outputs, Int32(count), Int32(Kernel.padded(count)))
    var likeliest = 0
    for index in 1..<count where outputs[index] > outputs[likeliest] { likeliest = index }
    score.steps += 1
    score.crossEntropy -= logarithm(Double(max(outputs[target], .leastNormalMagnitude)))
    if likeliest == target { score.correct += 1 }
    for index in 0..<count { outputs[index] = -outputs[index] }
    outputs[target] += 1
  }

  // MARK: Evaluation

  /// Evaluates the prediction of one sequence, with its state carried from window to window,
  /// without learning.
  public func evaluate(_ windows: some Sequence<Sequences>) -> Score {
    var score = Score()
    evaluationTraces = []
    for window in windows {
      precondition(window.count == 1, "one sequence")
      if evaluationTraces.first?.steps != window.steps {
        let carried = evaluationTraces.map(\.carried)
        evaluationTraces = layers.map { LayerTrace($0, steps: window.steps) }
        for (trace, state) in zip(evaluationTraces, carried) { trace.carried = state }
      }
      for step in 0..<window.steps {
        forward(window, 0, step, evaluationTraces, products[0], evaluations << 1 | 1)
        evaluations += 1
        judge(&score, evaluationTraces[layers.count - 1].output(step), window, 0, step)
      }
      for trace in evaluationTraces { trace.carry(from: window.steps) }
    }
    return score
  }

  /// Advances the time of all devices, in seconds.
  public func elapse(_ duration: Double) {
    for matrix in matrices { matrix.elapse(duration) }
    readWeights()
  }

  // MARK: Record

  /// Saves everything that training changes.
  public func save(_ record: inout RecordWriter) {
    record.word(epoch)
    record.word(evaluations)
    for matrix in matrices { matrix.save(&record) }
    record.count(traces.count)
    record.count(traces.first?[0].steps ?? 0)
    for trace in traces.joined() { record.numbers(trace.carried.map(Double.init)) }
  }

  /// Restores the state of a network with the same layers.
  public func restore(_ record: inout RecordReader) throws(RecordError) {
    epoch = try record.word()
    evaluations = try record.word()
    for matrix in matrices { try matrix.restore(&record) }
    let count = try record.count()
    let steps = try record.count()
    traces = []
    for _ in 0..<count {
      var sequence: [LayerTrace] = []
      for layer in layers {
        let trace = LayerTrace(layer, steps: steps)
        let carried = try record.numbers().map { Float($0) }
        guard carried.count == trace.carried.count else {
          throw RecordError(expected: "the state of \(layer.outputs) cells")
        }
        trace.carried = carried
        sequence.append(trace)
      }
      traces.append(sequence)
    }
    readWeights()
  }
}

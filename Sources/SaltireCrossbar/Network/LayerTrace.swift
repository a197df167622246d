import CCrossbar

/// The state of one layer for one sequence, for backpropagation through time and the updates after
/// it.
final class LayerTrace: Sendable {
  let layer: Layer
  let steps: Int
  /// Inputs of the matrix, its products (activated), and the ascent of the
  /// products, step by step.
  let inputs: Memory<Float>
  let sums: Memory<Float>
  let ascents: Memory<Float>
  let inputStride: Int
  let sumStride: Int
  let outputStride: Int
  // Outputs and cells have one more step: the first is carried over.
  private let outputs: Memory<Float>
  private let cells: Memory<Float>
  private let squashed: Memory<Float>
  // Backward pass: errors of outputs and cells, and of the inputs of the matrix.
  private let outputAscent: Memory<Float>
  private let cellAscent: Memory<Float>
  private let inputAscent: Memory<Float>

  init(_ layer: Layer, steps: Int) {
    (self.layer, self.steps) = (layer, steps)
    inputStride = Kernel.padded(layer.columns)
    sumStride = Kernel.padded(layer.rows)
    outputStride = Kernel.padded(layer.outputs)
    inputs = Memory(steps * inputStride)
    sums = Memory(steps * sumStride)
    ascents = Memory(steps * sumStride)
    outputs = Memory((steps + 1) * outputStride)
    let isRecurrent = layer.kind == .longShortTermMemory
    cells = Memory(isRecurrent ? (steps + 1) * outputStride : 0)
    squashed = Memory(isRecurrent ? steps * outputStride : 0)
    (outputAscent, cellAscent) = (Memory(layer.outputs), Memory(layer.outputs))
    inputAscent = Memory(layer.columns)
    for step in 0..<steps { inputs[step * inputStride + layer.columns - 1] = 1 }
  }

  func input(_ step: Int) -> UnsafeMutablePointer<Float> {
    inputs.pointer + step * inputStride
  }

  func output(_ step: Int) -> UnsafeMutablePointer<Float> {
    outputs.pointer + (step + 1) * outputStride
  }

  func ascent(_ step: Int) -> UnsafeMutablePointer<Float> {
    ascents.pointer + step * sumStride
  }

  /// Computes a step from the layer's inputs in `input(step)`.
  func forward(_ step: Int, _ product: LayerProduct, _ epoch: UInt64) {
    let x = input(step)
    let y = sums.pointer + step * sumStride
    switch layer.kind {
    case .longShortTermMemory:
      (x + layer.inputs).update(
        from: outputs.pointer + step * outputStride, count: layer.outputs)
      product.forward(x, into: y, epoch)
      product.kernel.functions.cells(
        y, cells.pointer + step * outputStride, cells.pointer + (step + 1) * outputStride,
        squashed.pointer + step * outputStride, output(step), Int32(outputStride))
    case .dense(let activation):
      product.forward(x, into: y, epoch)
      product.kernel.functions.activate(activation.rawValue, y, Int32(sumStride))
      output(step).update(from: y, count: outputStride)
    }
  }

  /// Clears the errors of the following window.
  func beginBackward() {
    outputAscent.pointer.update(repeating: 0, count: outputAscent.padded)
    cellAscent.pointer.update(repeating: 0, count: cellAscent.padded)
  }

  /// Computes the ascent of the layer's inputs from that of its outputs at `step`; returns it
  /// unless it is not needed.
  func backward(
    _ step: Int, _ ascent: UnsafePointer<Float>, _ product: LayerProduct, _ epoch: UInt64,
    needsInput: Bool
  ) -> UnsafePointer<Float> {
    let d = self.ascent(step)
    let y = sums.pointer + step * sumStride
    switch layer.kind {
    case .longShortTermMemory:
      for cell in 0..<layer.outputs { outputAscent[cell] += ascent[cell] }
      product.kernel.functions.cells_back(
        y, cells.pointer + step * outputStride, squashed.pointer + step * outputStride,
        outputAscent.pointer, cellAscent.pointer, d, Int32(outputStride))
      product.backward(d, into: inputAscent.pointer, epoch)
      outputAscent.pointer.update(
        from: inputAscent.pointer + layer.inputs, count: layer.outputs)
    case .dense(let activation):
      d.update(from: ascent, count: layer.outputs)
      product.kernel.functions.activate_back(activation.rawValue, y, d, Int32(sumStride))
      if needsInput { product.backward(d, into: inputAscent.pointer, epoch) }
    }
    return UnsafePointer(inputAscent.pointer)
  }

  /// The state after the last step becomes that before the first.
  func carry(from step: Int) {
    outputs.pointer.update(from: outputs.pointer + step * outputStride, count: outputStride)
    guard layer.kind == .longShortTermMemory else { return }
    cells.pointer.update(from: cells.pointer + step * outputStride, count: outputStride)
  }

  /// The state before the first step.
  var carried: [Float] {
    get {
      (0..<outputStride).map { outputs[$0] }
        + (layer.kind == .longShortTermMemory ? (0..<outputStride).map { cells[$0] } : [])
    }
    set {
      for index in 0..<outputStride {
        outputs[index] = newValue[index]
        if layer.kind == .longShortTermMemory { cells[index] = newValue[outputStride + index] }
      }
    }
  }
}

/// The products of one layer's matrix, on one thread.
struct LayerProduct: Sendable {
  let matrix: Matrix
  let scale: Float
  let forwardProduct: AnalogProduct
  let backwardProduct: AnalogProduct
  let stream: KernelStream
  let kernel: Kernel

  func forward(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ epoch: UInt64
  ) {
    forwardProduct.multiply(
      matrix, .forward, x, into: y, scale: scale, .init(stream: stream, epoch: epoch))
  }

  func backward(
    _ d: UnsafePointer<Float>, into z: UnsafeMutablePointer<Float>, _ epoch: UInt64
  ) {
    backwardProduct.multiply(
      matrix, .backward, d, into: z, scale: scale, .init(stream: stream, epoch: epoch))
  }
}

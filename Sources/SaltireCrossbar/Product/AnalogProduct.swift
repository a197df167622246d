import CCrossbar

/// Products of an array's weights and a vector, including the periphery.
///
/// The order of operations, y = W x forward: divide by the scale s of noise management and by the
/// reduction r of bound management; round to the input converter's steps; clip; add input noise;
/// multiply; add weight noise and output noise; round to the output converter's steps; clip; if
/// anything exceeded the bound, double r (or first use the worst-case s) and start again; multiply
/// by s r. Backward, the same with the transposed matrix and without bound management.
// Unchecked: scratch memory of one thread.
final class AnalogProduct: @unchecked Sendable {
  let periphery: Periphery
  private let kernel: Kernel
  private let prepared: Memory<Float>
  private let result: Memory<Float>
  private let deviates: Memory<Float>

  /// - Parameter lines: the largest number of rows or columns of any matrix.
  init(_ periphery: Periphery, lines: Int, kernel: Kernel) {
    self.periphery = periphery
    self.kernel = kernel
    prepared = Memory(lines)
    result = Memory(lines)
    deviates = Memory((lines + 63) / 64 * 64)
  }

  /// Identifies a product: the counters of its noise.
  struct Occasion {
    var stream: KernelStream
    var epoch: UInt64
  }

  enum Direction: UInt32 {
    case forward = 0
    case backward = 1
  }

  /// - Parameters:
  ///   - x: one padded vector.
  ///   - y: receives the product, padded with zeros.
  ///   - scale: multiplies the product: the value of one unit of the matrix.
  func multiply(
    _ weights: Matrix, _ direction: Direction, _ x: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, scale: Float, _ occasion: Occasion
  ) {
    let (from, to) =
      direction == .forward
      ? (weights.columns, weights.rows) : (weights.rows, weights.columns)
    guard periphery != .perfect else {
      product(weights, direction, x, y)
      if scale != 1 { for line in 0..<to { y[line] *= scale } }
      return
    }
    var s = inputScale(x, from)
    guard s > 0 else {
      y.update(repeating: 0, count: Kernel.padded(to))
      return
    }
    var reduction: Float = 1
    var attempt: UInt32 = 0
    while true {
      prepare(x, from, dividedBy: s * reduction, occasion, direction, attempt)
      product(weights, direction, prepared.pointer, result.pointer)
      addOutputNoise(to, from, occasion, direction, attempt)
      let beyond = kernel.functions.quantise(
        result.pointer, Int32(Kernel.padded(to)), 1, Float(periphery.output.resolution),
        Float(periphery.output.bound), s * reduction * scale, y)
      guard beyond > 0, direction == .forward, periphery.boundManagement != .none,
        Double(reduction) <= periphery.reductionLimit
      else { return }
      attempt += 1
      if attempt == 1, periphery.boundManagement == .worstCase,
        periphery.noiseManagement != .worstCase
      {
        s = worstCase(x, from)
      } else {
        reduction *= 2
      }
    }
  }

  private func inputScale(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    switch periphery.noiseManagement {
    case .none: 1
    case .constant(let value): Float(value)
    case .largest(let limit): min(largest(x, count), Float(limit))
    case .worstCase: worstCase(x, count)
    }
  }

  private func largest(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    kernel.functions.largest(x, Int32(Kernel.padded(count)))
  }

  private func worstCase(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var (positive, negative) = (0.0, 0.0)
    for line in 0..<count {
      if x[line] > 0 { positive += Double(x[line]) } else { negative -= Double(x[line]) }
    }
    return Float(
      periphery.worstCaseScale(
        largest: Double(largest(x, count)), positive: positive, negative: negative))
  }

  private func product(
    _ weights: Matrix, _ direction: Direction, _ x: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>
  ) {
    let (rows, stride) = (Int32(weights.rows), Int32(weights.stride))
    switch direction {
    case .forward: kernel.functions.multiply(weights.values.pointer, rows, stride, x, y)
    case .backward:
      kernel.functions.multiply_transposed(weights.values.pointer, rows, stride, x, y)
    }
  }

  private func prepare(
    _ x: UnsafePointer<Float>, _ count: Int, dividedBy divisor: Float, _ occasion: Occasion,
    _ direction: Direction, _ attempt: UInt32
  ) {
    let resolution = Float(periphery.input.resolution)
    var source = x
    var before = divisor
    if periphery.roundsAtRandom, resolution > 0 {
      // A uniform shift before rounding to nearest.
      kernel.functions.words(
        occasion.stream.at(occasion.epoch), UInt32(CROSSBAR_INPUT),
        group(direction, attempt), 1 << 16, UInt32((count + 3) / 4),
        UnsafeMutableRawPointer(deviates.pointer).assumingMemoryBound(to: UInt32.self))
      for line in 0..<count {
        let uniform = Float(deviates[line].bitPattern >> 8) * 0x1p-24 - 0.5
        prepared[line] = x[line] / divisor + uniform * resolution
      }
      source = UnsafePointer(prepared.pointer)
      before = 1
    }
    _ = kernel.functions.quantise(
      source, Int32(Kernel.padded(count)), before, resolution, Float(periphery.input.bound), 1,
      prepared.pointer)
    if periphery.inputNoise > 0 {
      draw(UInt32(CROSSBAR_INPUT), count, occasion, direction, attempt)
      let noise = Float(periphery.inputNoise)
      for line in 0..<count { prepared[line] += noise * deviates[line] }
    }
  }

  private func addOutputNoise(
    _ count: Int, _ inputs: Int, _ occasion: Occasion, _ direction: Direction, _ attempt: UInt32
  ) {
    var noise = Float(periphery.outputNoise)
    if periphery.weightNoise > 0 {
      // The independent noise of all weights of a line adds up weighted with the inputs.
      var power: Float = 0
      for line in 0..<inputs { power += prepared[line] * prepared[line] }
      let weight = Float(periphery.weightNoise)
      noise = (noise * noise + weight * weight * power).squareRoot()
    }
    guard noise > 0 else { return }
    draw(UInt32(CROSSBAR_OUTPUT), count, occasion, direction, attempt)
    for line in 0..<count { result[line] += noise * deviates[line] }
  }

  private func draw(
    _ purpose: UInt32, _ count: Int, _ occasion: Occasion, _ direction: Direction,
    _ attempt: UInt32
  ) {
    kernel.functions.normals(
      occasion.stream.at(occasion.epoch), purpose, group(direction, attempt),
      UInt32((count + 63) / 64 * 64), deviates.pointer)
  }

  private func group(_ direction: Direction, _ attempt: UInt32) -> UInt32 {
    attempt * 2 + direction.rawValue
  }
}

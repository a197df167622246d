import SaltireCore

/// The state of a transfer rule: choppers, buffers, means, and the position among the columns.
struct TransferState: Sendable {
  /// The number of samples so far.
  var samples = 0
  var inputSigns: Memory<Float>
  var outputSigns: Memory<Float>
  /// The reads of each column since its last sign flip, and in total up to a period.
  var reads: [Int]
  /// Running means of the largest input and error.
  private(set) var meanInput: Float = 0
  private(set) var meanError: Float = 0
  var stream: KernelStream
  let chops: Bool
  let deviates: Memory<Float>
  let counts: Memory<Float>
  // Column by column, `rows` padded each.
  private let buffer: Memory<Float>
  private let past: Memory<Float>
  private let average: Memory<Float>
  private let chopperSeed: UInt64
  private var flips: UInt64 = 0

  init(rows: Int, columns: Int, rule: Transfer.Rule, seed: UInt64, name: String) {
    let (hasBuffer, chops, hasMeans) =
      switch rule {
      case .direct: (false, false, false)
      case .buffered: (true, false, false)
      case .chopped: (true, true, false)
      case .dynamic: (true, true, true)
      }
    self.chops = chops
    var random = RandomStream(seed: seed, name: "\(name) choppers")
    chopperSeed = random.next()
    inputSigns = Memory(columns, zero: 1)
    outputSigns = Memory(rows, zero: 1)
    reads = [Int](repeating: 0, count: columns)
    stream = KernelStream(seed: seed, name: "\(name) reads")
    deviates = Memory((rows + 63) / 64 * 64)
    counts = Memory(rows)
    let size = columns * Kernel.padded(rows)
    buffer = Memory(hasBuffer ? size : 0)
    past = Memory(hasMeans ? size : 0)
    average = Memory(hasMeans ? size : 0)
  }

  /// The buffer of a column.
  func held(_ column: Int, rows: Int) -> UnsafeMutablePointer<Float> {
    buffer.pointer + column * Kernel.padded(rows)
  }

  /// The mean of a column's reads before its last sign flip, and of those since.
  func means(
    _ column: Int, rows: Int
  ) -> (past: UnsafeMutablePointer<Float>, average: UnsafeMutablePointer<Float>) {
    let at = column * Kernel.padded(rows)
    return (past.pointer + at, average.pointer + at)
  }

  /// Momentum of the running means (aihwkit auto_momentum).
  private static let momentum: Float = 0.99

  mutating func average(input: Float, error: Float) {
    guard input > 0, error > 0 else { return }
    let old = meanInput == 0 ? 0 : Self.momentum
    meanInput = old * meanInput + (1 - old) * input
    meanError = old * meanError + (1 - old) * error
  }

  /// Flips signs at random after a column was read.
  mutating func flip(
    after column: Int, of columns: Int, probability: Double, outputProbability: Double
  ) {
    flips += 1
    var random = RandomStream(seed: chopperSeed, stream: flips)
    if random.uniform() < probability { inputSigns[column] = -inputSigns[column] }
    guard column == columns - 1, outputProbability > 0 else { return }
    for row in 0..<outputSigns.count where random.uniform() < outputProbability {
      outputSigns[row] = -outputSigns[row]
    }
  }

  /// Counts a read of a column whose sign flips every `period` reads.
  mutating func count(read column: Int, period: Int, rows: Int) {
    reads[column] += 1
    guard reads[column] % period == 0 else { return }
    inputSigns[column] = -inputSigns[column]
    let (past, average) = means(column, rows: rows)
    past.update(from: average, count: Kernel.padded(rows))
  }

  func save(_ record: inout RecordWriter) {
    record.count(samples)
    record.word(flips)
    record.word(stream.epoch)
    record.number(Double(meanInput))
    record.number(Double(meanError))
    for value in reads { record.count(value) }
    for memory in [inputSigns, outputSigns, buffer, past, average] { record.floats(memory) }
  }

  mutating func restore(_ record: inout RecordReader) throws(RecordError) {
    samples = try record.count()
    flips = try record.word()
    stream.epoch = try record.word()
    meanInput = Float(try record.number())
    meanError = Float(try record.number())
    for index in reads.indices { reads[index] = try record.count() }
    for memory in [inputSigns, outputSigns, buffer, past, average] {
      try record.floats(into: memory)
    }
  }
}

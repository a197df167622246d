import CCrossbar
import SaltireLearning

/// The trains of one update, and memory for them.
// Unchecked: belongs to one array, which has one update at a time.
final class TrainMemory: @unchecked Sendable {
  private let rows: Int
  private let columns: Int
  private var words = 0
  private var rowBits = Memory<UInt32>(0)
  private var columnBits = Memory<UInt32>(0)
  private var phaseRowBits = Memory<UInt32>(0)
  private var phaseColumnBits = Memory<UInt32>(0)
  private let rowShare: Memory<Float>
  private let columnShare: Memory<Float>
  private let rowSign: Memory<Int32>
  private let columnSign: Memory<Int32>
  private let blocks: Memory<Int32>
  private var train = UpdateManagement.Train(length: 0, errorGain: 0, inputGain: 0)
  private var kind: Int32 = 0

  init(rows: Int, columns: Int) {
    self.rows = Kernel.padded(rows)
    self.columns = Kernel.padded(columns)
    rowShare = Memory(rows)
    columnShare = Memory(columns)
    rowSign = Memory(rows)
    columnSign = Memory(columns)
    blocks = Memory(Kernel.padded(columns) / Kernel.lanes)
  }

  /// Allocates memory for trains of `length` slots.
  private func grow(to length: Int) {
    let needed = (length + 31) / 32
    guard needed > words else { return }
    words = needed
    rowBits = Memory(needed * rows)
    columnBits = Memory(needed * columns)
    phaseRowBits = Memory(needed * rows)
    phaseColumnBits = Memory(needed * columns)
  }

  /// Draws or computes the trains of all lines.
  ///
  /// - Parameters:
  ///   - ascent: the padded values of the rows.
  ///   - inputs: the padded values of the columns.
  func fill(
    _ update: PulsedUpdate, _ train: UpdateManagement.Train, ascent: UnsafePointer<Float>,
    inputs: UnsafePointer<Float>, kernel: Kernel, stream: crossbar_stream
  ) {
    self.train = train
    grow(to: train.length)
    let row = Line(
      values: ascent, gain: Float(train.errorGain), count: rows, bits: rowBits, share: rowShare,
      sign: rowSign)
    let column = Line(
      values: inputs, gain: Float(train.inputGain), count: columns, bits: columnBits,
      share: columnShare, sign: columnSign)
    switch update.kind {
    case .stochastic, .fourPhase:
      kind = Int32(CROSSBAR_STOCHASTIC)
      draw(row, UInt32(CROSSBAR_ROW_TRAIN), update, kernel, stream)
      draw(column, UInt32(CROSSBAR_COLUMN_TRAIN), update, kernel, stream)
    case .meanCount:
      kind = Int32(CROSSBAR_MEAN_COUNT)
      share(row, update)
      share(column, update)
    case .deterministicImplicit:
      kind = Int32(CROSSBAR_IMPLICIT)
      share(row, update)
      share(column, update)
    }
  }

  /// The lines of one side.
  private struct Line {
    let values: UnsafePointer<Float>
    let gain: Float
    let count: Int
    let bits: Memory<UInt32>
    let share: Memory<Float>
    let sign: Memory<Int32>
  }

  private func draw(
    _ line: Line, _ purpose: UInt32, _ update: PulsedUpdate, _ kernel: Kernel,
    _ stream: crossbar_stream
  ) {
    var (values, gain) = (line.values, line.gain)
    if update.resolution > 0 {
      quantise(line, update)
      (values, gain) = (UnsafePointer(line.share.pointer), 1)
    }
    kernel.functions.bernoulli(
      stream, purpose, values, gain, Int32(line.count), Int32(train.length), line.bits.pointer,
      line.sign.pointer)
  }

  /// The number of pulses, or the fraction of the slots, of each line.
  private func share(_ line: Line, _ update: PulsedUpdate) {
    quantise(line, update)
    for index in 0..<line.count {
      line.sign[index] = line.share[index].sign == .minus ? -1 : 0
      let p = abs(line.share[index])
      let pulses = (Float(train.length) * p).rounded(.toNearestOrAwayFromZero)
      line.share[index] = kind == CROSSBAR_MEAN_COUNT ? pulses : p
    }
  }

  /// Probabilities with the sign of their line, rounded and limited to 1.
  private func quantise(_ line: Line, _ update: PulsedUpdate) {
    let resolution = Float(update.resolution)
    for index in 0..<line.count {
      var p = line.values[index] * line.gain
      if resolution > 0 {
        p = (p / resolution).rounded(.toNearestOrAwayFromZero) * resolution
      }
      // NaN gives no pulses.
      line.share[index] = p.isNaN ? 0 : min(max(p, -1), 1)
    }
  }

  /// All trains at once.
  func all(_ kernel: Kernel) -> crossbar_trains { trains(rowBits, columnBits, kernel) }

  private func trains(
    _ rowBits: Memory<UInt32>, _ columnBits: Memory<UInt32>, _ kernel: Kernel
  ) -> crossbar_trains {
    var trains = crossbar_trains(
      kind: kind, length: Int32(train.length), row_bits: .init(rowBits.pointer),
      column_bits: .init(columnBits.pointer), row_share: .init(rowShare.pointer),
      column_share: .init(columnShare.pointer), row_sign: .init(rowSign.pointer),
      column_sign: .init(columnSign.pointer), blocks: nil, block_count: 0, column_pulses: 0)
    kernel.functions.firing_blocks(&trains, Int32(columns), blocks.pointer)
    return trains
  }

  /// The trains of one sub-phase: lines of other signs are silent.
  func phase(
    rowsNegative: Bool, columnsNegative: Bool, _ kernel: Kernel
  ) -> crossbar_trains {
    silence(rowBits, rowSign, rows, keepsNegative: rowsNegative, into: phaseRowBits)
    silence(columnBits, columnSign, columns, keepsNegative: columnsNegative, into: phaseColumnBits)
    return trains(phaseRowBits, phaseColumnBits, kernel)
  }

  private func silence(
    _ bits: Memory<UInt32>, _ signs: Memory<Int32>, _ count: Int, keepsNegative: Bool,
    into out: Memory<UInt32>
  ) {
    for word in 0..<(train.length + 31) / 32 {
      for line in 0..<count {
        let keeps = (signs[line] != 0) == keepsNegative
        out[word * count + line] = keeps ? bits[word * count + line] : 0
      }
    }
  }
}

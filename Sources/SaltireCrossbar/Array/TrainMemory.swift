internal import CCrossbar
internal import SaltireLearning

/// The trains of one update, and the room for them.
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
  private var train = UpdateManagement.Train(length: 0, errorGain: 0, inputGain: 0)
  private var kind: Int32 = 0

  init(rows: Int, columns: Int) {
    self.rows = Kernel.padded(rows)
    self.columns = Kernel.padded(columns)
    rowShare = Memory(rows)
    columnShare = Memory(columns)
    rowSign = Memory(rows)
    columnSign = Memory(columns)
  }

  /// Makes room for trains of `length` slots.
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
  ///   - ascent: of the rows, padded.
  ///   - inputs: of the columns, padded.
  func fill(
    _ update: PulsedUpdate, _ train: UpdateManagement.Train, ascent: UnsafePointer<Float>,
    inputs: UnsafePointer<Float>, kernel: Kernel, stream: crossbar_stream
  ) {
    self.train = train
    grow(to: train.length)
    let row = (Float(train.errorGain), ascent, rowBits, rowShare, rowSign)
    let column = (Float(train.inputGain), inputs, columnBits, columnShare, columnSign)
    switch update.kind {
    case .stochastic, .fourPhase:
      kind = Int32(CROSSBAR_STOCHASTIC)
      for (line, count, purpose) in [
        (row, rows, CROSSBAR_ROW_TRAIN), (column, columns, CROSSBAR_COLUMN_TRAIN),
      ] {
        var values = line.1
        var gain = line.0
        if update.resolution > 0 {
          Self.quantise(values, gain: gain, update, count, into: line.3.pointer)
          values = UnsafePointer(line.3.pointer)
          gain = 1
        }
        kernel.functions.bernoulli(
          stream, UInt32(purpose), values, gain, Int32(count), Int32(train.length),
          line.2.pointer, line.4.pointer)
      }
    case .meanCount, .deterministicImplicit:
      let isCount = update.kind == .meanCount
      kind = Int32(isCount ? CROSSBAR_MEAN_COUNT : CROSSBAR_IMPLICIT)
      for (line, count) in [(row, rows), (column, columns)] {
        Self.quantise(line.1, gain: line.0, update, count, into: line.3.pointer)
        for index in 0..<count {
          line.4[index] = line.3[index].sign == .minus ? -1 : 0
          let p = abs(line.3[index])
          let pulses = (Float(train.length) * p).rounded(.toNearestOrAwayFromZero)
          line.3[index] = isCount ? pulses : p
        }
      }
    }
  }

  /// Probabilities with the sign of their line, of limited resolution, not
  /// beyond 1.
  private static func quantise(
    _ values: UnsafePointer<Float>, gain: Float, _ update: PulsedUpdate, _ count: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    let resolution = Float(update.resolution)
    for index in 0..<count {
      var p = values[index] * gain
      if resolution > 0 {
        p = (p / resolution).rounded(.toNearestOrAwayFromZero) * resolution
      }
      out[index] = min(max(p, -1), 1)
    }
  }

  /// All trains at once.
  var all: crossbar_trains { trains(rowBits, columnBits) }

  private func trains(
    _ rowBits: Memory<UInt32>, _ columnBits: Memory<UInt32>
  ) -> crossbar_trains {
    crossbar_trains(
      kind: kind, length: Int32(train.length), row_bits: .init(rowBits.pointer),
      column_bits: .init(columnBits.pointer), row_share: .init(rowShare.pointer),
      column_share: .init(columnShare.pointer), row_sign: .init(rowSign.pointer),
      column_sign: .init(columnSign.pointer))
  }

  /// The trains of one sub-phase: lines of other signs are silent.
  func phase(rowsNegative: Bool, columnsNegative: Bool) -> crossbar_trains {
    silence(rowBits, rowSign, rows, keepsNegative: rowsNegative, into: phaseRowBits)
    silence(columnBits, columnSign, columns, keepsNegative: columnsNegative, into: phaseColumnBits)
    return trains(phaseRowBits, phaseColumnBits)
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

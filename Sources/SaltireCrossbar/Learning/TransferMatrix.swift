import CCrossbar
public import SaltireCore
import SaltireLearning

/// Weights on one array, C, which learns through another, A: SHD and the Tiki-Taka family.
///
/// Every sample updates A with pulses. At every τ-th sample one column of A − R_A is read, in turn,
/// and written to that column of C. The weights are C − R_C, plus a share of A − R_A if the rule
/// says so. With three arrays, R_C = R_A = R (Onen et al. 2022, M2); with four, each has its own
/// references.
public final class TransferMatrix: WeightMatrix, @unchecked Sendable {
  let fast: ReferencedArray
  let core: ReferencedArray
  let transfer: Transfer
  let schedule: TransferSchedule
  let kernel: Kernel
  private let scale: Float
  private let share: Memory<Float>?
  var state: TransferState
  // Scratch.
  let column: Memory<Float>
  let unit: Memory<Float>
  private let choppedInputs: Memory<Float>
  private let choppedAscent: Memory<Float>

  /// - Parameters:
  ///   - fast: A, which starts at its references.
  ///   - core: C, which is set to the initial weights.
  ///   - reference: the references of A.
  ///   - coreReference: the references of C; nil to share those of A.
  ///   - initial: row by row, in units of the weights.
  ///   - scale: the value of one weight unit of the devices.
  ///   - transfer: the rule.
  ///   - seed: together with `name`, the seed of choppers and read noise.
  ///   - name: distinguishes matrices with the same seed.
  public init(
    fast: CrosspointArray<Float>, core: CrosspointArray<Float>, reference: ReferenceSource,
    coreReference: ReferenceSource?, initial: [Float], scale: Float, transfer: Transfer,
    seed: UInt64, name: String
  ) {
    precondition(fast.rows == core.rows && fast.columns == core.columns, "arrays of one size")
    self.fast = ReferencedArray(fast, reference)
    self.core =
      coreReference.map { ReferencedArray(core, $0) }
      ?? ReferencedArray(core, sharing: self.fast.reference)
    (self.transfer, self.scale, kernel) = (transfer, scale, core.kernel)
    schedule = TransferSchedule(
      period: transfer.period, inputs: core.columns, allColumns: transfer.allColumns)
    state = TransferState(
      rows: core.rows, columns: core.columns, rule: transfer.rule, seed: seed, name: name)
    share = transfer.fastShare == 0 ? nil : Memory(core.rows * Kernel.padded(core.columns))
    (column, unit) = (Memory(core.rows), Memory(core.columns))
    (choppedInputs, choppedAscent) = (Memory(core.columns), Memory(core.rows))
    self.fast.place([Float](repeating: 0, count: core.rows * core.columns))
    self.core.place(initial.map { $0 / scale })
  }

  public var rows: Int { core.array.rows }
  public var columns: Int { core.array.columns }
  public var pulses: Int { core.array.pulses + fast.array.pulses }
  public var productScale: Float { scale }

  public func weights(row: Int, column: Int) -> (fast: Float, core: Float) {
    (fast[row, column], core[row, column])
  }

  public func read(into matrix: Matrix) {
    core.read(into: matrix)
    guard let share else { return }
    let seen = Matrix(rows: rows, columns: columns, values: share)
    fast.read(into: seen)
    let gamma = Float(transfer.fastShare)
    for index in 0..<share.padded { matrix.values[index] += gamma * share[index] }
  }

  public func learn(
    inputs: UnsafePointer<Float>, ascent: UnsafePointer<Float>, rates: LearningRates
  ) {
    let rate = fastRate(rates.fast, inputs, ascent)
    if state.chops {
      for line in 0..<columns { choppedInputs[line] = inputs[line] * state.inputSigns[line] }
      for line in 0..<rows { choppedAscent[line] = ascent[line] * state.outputSigns[line] }
      fast.array.update(
        transfer.fastUpdate, rate: rate, inputs: .init(choppedInputs.pointer),
        ascent: .init(choppedAscent.pointer))
    } else {
      fast.array.update(transfer.fastUpdate, rate: rate, inputs: inputs, ascent: ascent)
    }
    state.samples += 1
    for index in schedule.columns(after: state.samples) {
      transfer(column: index, rates)
    }
  }

  /// η_A in weight units of the devices.
  private func fastRate(
    _ rate: Double, _ inputs: UnsafePointer<Float>, _ ascent: UnsafePointer<Float>
  ) -> Double {
    guard transfer.scalesFastRate else { return rate / Double(scale) }
    let x = kernel.functions.largest(inputs, Int32(Kernel.padded(columns)))
    let d = kernel.functions.largest(ascent, Int32(Kernel.padded(rows)))
    state.average(input: x, error: d)
    guard state.meanInput > 0, state.meanError > 0 else { return 0 }
    return rate * Double(transfer.fastUpdate.management.maximumLength)
      * fast.array.granularity / Double(state.meanInput * state.meanError)
  }

  private func transfer(column index: Int, _ rates: LearningRates) {
    fast.readColumn(index, into: column)
    disturbRead()
    let rate = rates.core / Double(scale)
    switch transfer.rule {
    case .direct:
      write(index, transfer.coreUpdate, rate: rate)
    case .buffered(let buffer, let threshold):
      let unit = Float(threshold * core.array.granularity)
      buffered(index, buffer) { _, read in read * Float(rate) / unit }
    case .chopped(let buffer, let gain, let probability, let outputProbability):
      let factor = Float(rate / self.gain(gain))
      let sign = state.inputSigns[index]
      buffered(index, buffer) { [state] row, read in
        sign * state.outputSigns[row] * read * factor
      }
      state.flip(
        after: index, of: columns, probability: probability,
        outputProbability: outputProbability)
    case .dynamic(let buffer, let gain, let period, let tail):
      let factor = Float(rate / self.gain(gain))
      let sign = state.inputSigns[index]
      let mean = Float(min(tail / Double(period), 1))
      let (past, average) = state.means(index, rows: rows)
      let writes = state.reads[index] >= period
      buffered(index, buffer, writes: writes) { row, read in sign * (read - past[row]) * factor }
      for row in 0..<rows { average[row] += mean * (column[row] - average[row]) }
      state.count(read: index, period: period, rows: rows)
    }
  }

  /// Adds the noise and the conversion of a read: the current of one row from one device.
  private func disturbRead() {
    let read = transfer.read
    guard read != .perfect else { return }
    state.stream.epoch += 1
    if read.outputNoise > 0 {
      let count = UInt32((rows + 63) / 64 * 64)
      kernel.functions.normals(
        state.stream.current, UInt32(CROSSBAR_OUTPUT), 0, count, state.deviates.pointer)
      let noise = Float(read.outputNoise)
      for row in 0..<rows { column[row] += noise * state.deviates[row] }
    }
    _ = kernel.functions.quantise(
      column.pointer, Int32(column.padded), 1, Float(read.output.resolution),
      Float(read.output.bound), 1, column.pointer)
  }

  /// One unit of the buffer, in weight units of the fast array.
  private func gain(_ gain: Transfer.Gain) -> Double {
    let auto = gain.auto.map { $0 / Double(columns * transfer.period) } ?? 1
    return gain.granularity * fast.array.granularity * auto
  }

  /// Adds a read to the buffer of a column and writes whole pulses.
  private func buffered(
    _ index: Int, _ buffer: TransferBuffer, writes: Bool = true,
    _ increment: (Int, Float) -> Float
  ) {
    guard writes else { return }
    let held = state.held(index, rows: rows)
    var count = 0
    for row in 0..<rows {
      let pulses = buffer.pulses(&held[row], adding: increment(row, column[row]))
      state.counts[row] = Float(pulses) / Float(buffer.largest)
      count += abs(pulses)
    }
    guard count > 0 else { return }
    // Applies exactly the counted number of pulses.
    let exact = PulsedUpdate(
      kind: .deterministicImplicit,
      management: UpdateManagement(
        maximumLength: buffer.largest, balancesGains: false, adaptsLength: false))
    unit[index] = 1
    core.array.update(
      exact, rate: core.array.granularity * Double(buffer.largest),
      inputs: .init(unit.pointer), ascent: .init(state.counts.pointer))
    unit[index] = 0
  }

  private func write(_ index: Int, _ update: PulsedUpdate, rate: Double) {
    unit[index] = 1
    core.array.update(
      update, rate: rate, inputs: .init(unit.pointer), ascent: .init(column.pointer))
    unit[index] = 0
  }

  public func save(_ record: inout RecordWriter) {
    fast.save(&record)
    core.save(&record)
    state.save(&record)
  }

  public func restore(_ record: inout RecordReader) throws(RecordError) {
    try fast.restore(&record)
    try core.restore(&record)
    try state.restore(&record)
  }

  public func elapse(_ duration: Double) {
    fast.array.elapse(duration)
    core.array.elapse(duration)
  }
}

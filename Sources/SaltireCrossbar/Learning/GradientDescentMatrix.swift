public import SaltireCore

/// Weights on the devices of one array, updated by the pulses of every sample: stochastic gradient
/// descent as in Onen et al. 2022 (Figure 4A).
public final class GradientDescentMatrix: WeightMatrix, @unchecked Sendable {
  private let core: ReferencedArray
  private let update: PulsedUpdate
  private let scale: Float

  /// - Parameters:
  ///   - core: the array, which is set to the initial weights.
  ///   - reference: the references of its devices.
  ///   - initial: row by row, in units of the weights.
  ///   - scale: the value of one weight unit of the devices.
  ///   - update: how samples are converted to pulses.
  public init(
    core: CrosspointArray<Float>, reference: ReferenceSource, initial: [Float], scale: Float,
    update: PulsedUpdate
  ) {
    self.core = ReferencedArray(core, reference)
    self.update = update
    self.scale = scale
    self.core.place(initial.map { $0 / scale })
  }

  public var rows: Int { core.array.rows }
  public var columns: Int { core.array.columns }
  public var pulses: Int { core.array.pulses }
  public var productScale: Float { scale }

  public func read(into matrix: Matrix) { core.read(into: matrix) }

  public func learn(
    inputs: UnsafePointer<Float>, ascent: UnsafePointer<Float>, rates: LearningRates
  ) {
    core.array.update(
      update, rate: rates.fast / Double(scale), inputs: inputs, ascent: ascent)
  }

  public func save(_ record: inout RecordWriter) { core.save(&record) }

  public func restore(_ record: inout RecordReader) throws(RecordError) {
    try core.restore(&record)
  }

  public func weights(row: Int, column: Int) -> (fast: Float, core: Float) {
    (0, core[row, column])
  }

  public func elapse(_ duration: Double) { core.array.elapse(duration) }
}

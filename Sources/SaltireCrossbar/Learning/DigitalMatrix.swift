import CCrossbar
public import SaltireCore

/// Single-precision weights without devices: the digital baseline.
public final class DigitalMatrix: WeightMatrix, @unchecked Sendable {
  public let rows: Int
  public let columns: Int
  private let kernel: Kernel
  private let matrix: Matrix

  /// - Parameters:
  ///   - rows: the number of outputs.
  ///   - columns: the number of inputs.
  ///   - initial: row by row.
  ///   - kernel: the compute kernel; all give the same bits.
  public init(rows: Int, columns: Int, initial: [Float], kernel: Kernel = .fastest) {
    precondition(initial.count == rows * columns, "one weight for each pair of lines")
    (self.rows, self.columns, self.kernel) = (rows, columns, kernel)
    matrix = Matrix(rows: rows, columns: columns)
    matrix.fill(initial)
  }

  public var pulses: Int { 0 }
  public var productScale: Float { 1 }

  public func read(into matrix: Matrix) { matrix.values.copy(self.matrix.values) }

  public func learn(
    inputs: UnsafePointer<Float>, ascent: UnsafePointer<Float>, rates: LearningRates
  ) {
    kernel.functions.add_product(
      matrix.values.pointer, Int32(rows), Int32(matrix.stride), ascent, inputs, Float(rates.fast))
  }

  public func save(_ record: inout RecordWriter) { record.floats(matrix.values) }

  public func restore(_ record: inout RecordReader) throws(RecordError) {
    try record.floats(into: matrix.values)
  }

  public func weights(row: Int, column: Int) -> (fast: Float, core: Float) {
    (0, matrix.values[row * matrix.stride + column])
  }

  public func elapse(_ duration: Double) {}
}

import CCrossbar
public import SaltireCore

/// Weights in single precision without any device: the digital twin.
public final class DigitalMatrix: WeightMatrix, @unchecked Sendable {
  public let rows: Int
  public let columns: Int
  private let kernel: Kernel
  private let matrix: Matrix

  /// - Parameters:
  ///   - rows: outputs.
  ///   - columns: inputs.
  ///   - initial: row by row.
  ///   - kernel: that computes; the bits do not depend on it.
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

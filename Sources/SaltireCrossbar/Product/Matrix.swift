/// Weights for products, row by row, padded with zeros.
public final class Matrix: Sendable {
  let rows: Int
  let columns: Int
  let stride: Int
  let values: Memory<Float>

  convenience init(rows: Int, columns: Int) {
    self.init(
      rows: rows, columns: columns, values: Memory(rows * Kernel.padded(columns)))
  }

  init(rows: Int, columns: Int, values: Memory<Float>) {
    (self.rows, self.columns, self.values) = (rows, columns, values)
    stride = Kernel.padded(columns)
  }
}

extension Matrix {
  /// Copies values row by row.
  func fill(_ values: [Float]) {
    for row in 0..<rows {
      for column in 0..<columns {
        self.values[row * stride + column] = values[row * columns + column]
      }
    }
  }
}

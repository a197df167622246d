import CCrossbar
import SaltireCore

/// An array with its references.
final class ReferencedArray: Sendable {
  let array: CrosspointArray<Float>
  let reference: Matrix

  /// Finds the references now.
  init(_ array: CrosspointArray<Float>, _ source: ReferenceSource) {
    self.array = array
    reference = Matrix(rows: array.rows, columns: array.columns)
    reference.fill(array.references(source))
  }

  /// With the references of another array.
  init(_ array: CrosspointArray<Float>, sharing reference: Matrix) {
    self.array = array
    self.reference = reference
  }

  private var apparent: Memory<Float> { array.devices.apparent ?? array.devices.weight }

  /// The weights as products use them, minus the references.
  func read(into matrix: Matrix) {
    array.kernel.functions.difference(
      apparent.pointer, reference.values.pointer, 1, Int64(reference.values.padded),
      matrix.values.pointer)
  }

  /// One weight as a product uses it, minus its reference.
  subscript(row: Int, column: Int) -> Float {
    array[row, column] - reference.values[row * reference.stride + column]
  }

  /// One column of the weights as products use them, minus the references.
  func readColumn(_ column: Int, into out: Memory<Float>) {
    let stride = reference.stride
    let (weights, references) = (apparent.pointer, reference.values.pointer)
    for row in 0..<array.rows {
      out[row] = weights[row * stride + column] - references[row * stride + column]
    }
  }

  /// Sets the devices so that they read as `values`, row by row, within their bounds.
  func place(_ values: [Float]) {
    let (columns, stride) = (array.columns, reference.stride)
    array.place(
      at: values.enumerated().map { index, value in
        value + reference.values[index / columns * stride + index % columns]
      })
  }

  func save(_ record: inout RecordWriter) {
    array.save(&record)
    record.floats(reference.values)
  }

  func restore(_ record: inout RecordReader) throws(RecordError) {
    try array.restore(&record)
    try record.floats(into: reference.values)
  }
}

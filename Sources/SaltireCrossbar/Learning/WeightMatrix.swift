public import SaltireCore

/// The weights of one layer, and their learning rule.
public protocol WeightMatrix: AnyObject, Sendable {
  /// The number of outputs.
  var rows: Int { get }
  /// The number of inputs.
  var columns: Int { get }
  /// The number of pulses on its devices so far.
  var pulses: Int { get }

  /// Writes the weights for products, in units of `productScale`.
  func read(into matrix: Matrix)
  /// The value of one unit of the matrix that `read` writes.
  var productScale: Float { get }

  /// One sample: W ← W + rate · ascent · inputsᵀ according to the rule.
  ///
  /// - Parameters:
  ///   - inputs: one padded value for each column.
  ///   - ascent: one padded value for each row, the negative gradient of the loss with respect to
  ///     the outputs.
  ///   - rates: the present learning rates.
  func learn(inputs: UnsafePointer<Float>, ascent: UnsafePointer<Float>, rates: LearningRates)

  /// Saves everything that learning changes.
  func save(_ record: inout RecordWriter)
  /// Restores what `save` wrote.
  func restore(_ record: inout RecordReader) throws(RecordError)

  /// The weights of one element's devices relative to their references, in weight units of the
  /// devices: in the array that accumulates gradients (0 if there is none), and in the array that
  /// stores the weight.
  func weights(row: Int, column: Int) -> (fast: Float, core: Float)

  /// Advances the time of the devices, in seconds.
  func elapse(_ duration: Double)
}

/// The present learning rates.
public struct LearningRates: Sendable, Equatable {
  /// Of the update by every sample: η, or η_A of arrays that accumulate gradients.
  public var fast: Double
  /// Of the transfer, η_C.
  public var core: Double

  public init(fast: Double, core: Double = 0) {
    self.fast = fast
    self.core = core
  }
}

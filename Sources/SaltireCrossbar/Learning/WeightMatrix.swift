public import SaltireCore

/// The weights of one layer, and the rule by which they learn.
public protocol WeightMatrix: AnyObject, Sendable {
  /// Outputs.
  var rows: Int { get }
  /// Inputs.
  var columns: Int { get }
  /// Pulses that its devices got so far.
  var pulses: Int { get }

  /// Writes the weights that products are to see, in units of `productScale`.
  func read(into matrix: Matrix)
  /// What a unit of the matrix that `read` wrote stands for.
  var productScale: Float { get }

  /// One sample: W ← W + rate · ascent · inputsᵀ as the rule has it.
  ///
  /// - Parameters:
  ///   - inputs: one padded value a column.
  ///   - ascent: one padded value a row, the negative gradient of the loss
  ///     with respect to the outputs.
  ///   - rates: those in force.
  func learn(inputs: UnsafePointer<Float>, ascent: UnsafePointer<Float>, rates: LearningRates)

  /// Puts down all that learning changes.
  func save(_ record: inout RecordWriter)
  /// Takes it up again.
  func restore(_ record: inout RecordReader) throws(RecordError)

  /// What one weight's devices are at, against their references, in weight
  /// units of the devices: the array that gathers gradients, 0 where there is
  /// none, and the one that keeps the weight.
  func weights(row: Int, column: Int) -> (fast: Float, core: Float)

  /// Lets time pass for the devices, seconds.
  func elapse(_ duration: Double)
}

/// The learning rates in force.
public struct LearningRates: Sendable, Equatable {
  /// Of what every sample moves: η, or η_A of arrays that gather gradients.
  public var fast: Double
  /// Of what is transferred from there, η_C.
  public var core: Double

  public init(fast: Double, core: Double = 0) {
    self.fast = fast
    self.core = core
  }
}

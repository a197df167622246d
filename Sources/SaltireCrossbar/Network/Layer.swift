/// One layer of a network: a weight matrix and the activation of its products.
///
/// The inputs of the matrix are the layer's inputs, for recurrent layers its own outputs of the
/// previous step, and a constant 1 for the biases.
public struct Layer: Sendable {
  public enum Kind: Sendable, Equatable {
    /// LSTM (Hochreiter and Schmidhuber 1997, with forget gates). The rows are those of the input,
    /// forget, candidate and output sums, concatenated.
    case longShortTermMemory
    case dense(Activation)
  }

  public enum Activation: Int32, Sendable {
    case identity = 0
    case sigmoid = 1
    case tanh = 2
    case rectified = 3
  }

  public let kind: Kind
  public let inputs: Int
  public let outputs: Int

  /// - Parameters:
  ///   - kind: the activation.
  ///   - inputs: the number of lines from the layer below.
  ///   - outputs: the number of lines to the layer above; a multiple of 16 for memory cells.
  public init(_ kind: Kind, inputs: Int, outputs: Int) {
    precondition(kind != .longShortTermMemory || outputs % 16 == 0, "whole vectors of cells")
    (self.kind, self.inputs, self.outputs) = (kind, inputs, outputs)
  }

  /// The rows of its matrix.
  public var rows: Int { kind == .longShortTermMemory ? 4 * outputs : outputs }

  /// The columns of its matrix.
  public var columns: Int { inputs + (kind == .longShortTermMemory ? outputs : 0) + 1 }
}

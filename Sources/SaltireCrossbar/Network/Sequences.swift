/// Several sequences with the same number of steps, with a class to predict at each step.
public struct Sequences: Sendable {
  public enum Inputs: Sendable {
    /// One-hot inputs.
    case classes([Int32])
    /// All inputs, step by step.
    case vectors([Float])
  }

  /// The number of sequences.
  public let count: Int
  /// The number of steps of each.
  public let steps: Int
  /// Sequence by sequence, step by step.
  public let inputs: Inputs
  /// The classes to predict, in the same order.
  public let targets: [Int32]

  public init(count: Int, steps: Int, inputs: Inputs, targets: [Int32]) {
    precondition(targets.count == count * steps, "one target for each step")
    (self.count, self.steps, self.inputs, self.targets) = (count, steps, inputs, targets)
  }

  /// Writes the inputs of a step; `x` holds those of the previous one.
  func input(_ sequence: Int, _ step: Int, into x: UnsafeMutablePointer<Float>, _ lines: Int) {
    let index = sequence * steps + step
    switch inputs {
    case .classes(let classes):
      x.update(repeating: 0, count: lines)
      x[Int(classes[index])] = 1
    case .vectors(let values):
      for line in 0..<lines { x[line] = values[index * lines + line] }
    }
  }
}

/// The quality of the prediction of some sequences.
public struct Score: Sendable, Equatable {
  /// The number of steps.
  public var steps = 0
  /// Sum of −ln p of the correct classes, in nat.
  public var crossEntropy = 0.0
  /// The number of steps at which the likeliest class was correct.
  public var correct = 0

  public init() {}

  /// Cross-entropy per step.
  public var mean: Double { crossEntropy / Double(max(steps, 1)) }

  static func + (a: Score, b: Score) -> Score {
    var sum = a
    sum.steps += b.steps
    sum.crossEntropy += b.crossEntropy
    sum.correct += b.correct
    return sum
  }
}

/// As many steps of several sequences side by side, with a class to predict at
/// each step.
public struct Sequences: Sendable {
  public enum Inputs: Sendable {
    /// One line of the inputs is 1, all others 0.
    case classes([Int32])
    /// All inputs, step by step.
    case vectors([Float])
  }

  /// Sequences.
  public let count: Int
  /// Steps of each.
  public let steps: Int
  /// Sequence by sequence, step by step.
  public let inputs: Inputs
  /// The classes to predict, in the same order.
  public let targets: [Int32]

  public init(count: Int, steps: Int, inputs: Inputs, targets: [Int32]) {
    precondition(targets.count == count * steps, "a target a step")
    (self.count, self.steps, self.inputs, self.targets) = (count, steps, inputs, targets)
  }

  /// Puts the inputs of a step down; `x` holds the last step's.
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

/// How a network did on some sequences.
public struct Score: Sendable, Equatable {
  /// Steps counted.
  public var steps = 0
  /// Sum of −ln p of the classes that came, in nat.
  public var crossEntropy = 0.0
  /// Steps at which the likeliest class was right.
  public var correct = 0

  public init() {}

  /// Cross-entropy a step.
  public var mean: Double { crossEntropy / Double(max(steps, 1)) }

  static func + (a: Score, b: Score) -> Score {
    var sum = a
    sum.steps += b.steps
    sum.crossEntropy += b.crossEntropy
    sum.correct += b.correct
    return sum
  }
}

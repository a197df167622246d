/// What came of the networks of a protocol.
public struct NetworkOutcome: Codable, Sendable, Equatable {
  /// One network.
  public struct Trained: Codable, Sendable, Equatable {
    public var label: String
    public var rule: String
    /// Weights, biases among them.
    public var weights: Int
    public var characters: Int
    public var epochs: Double
    /// Cross-entropy of the test part at the end, and the least on the way,
    /// nat a character.
    public var testCrossEntropy: Double
    public var leastCrossEntropy: Double
    /// Of the characters since the point before.
    public var trainCrossEntropy: Double
    public var accuracy: Double
    /// Pulses to all devices.
    public var pulses: Int
  }

  public var networks: [Trained]
  /// Of the test part, by how often each byte occurs in the training part.
  public var unigramCrossEntropy: Double
  /// Kinds of bytes in the text.
  public var vocabulary: Int

  /// The label of the first network whose error is no number any more; nil when none is.
  public var diverged: String? {
    networks.first { !$0.testCrossEntropy.isFinite }?.label
  }
}

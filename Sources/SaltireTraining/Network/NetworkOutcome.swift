/// The results of the networks of a protocol.
public struct NetworkOutcome: Codable, Sendable, Equatable {
  /// One network.
  public struct Trained: Codable, Sendable, Equatable {
    public var label: String
    public var rule: String
    /// The number of weights, including biases.
    public var weights: Int
    public var characters: Int
    public var epochs: Double
    /// Final and lowest cross-entropy of the test text, in nat per character.
    public var testCrossEntropy: Double
    public var leastCrossEntropy: Double
    /// Of the characters since the previous point.
    public var trainCrossEntropy: Double
    public var accuracy: Double
    /// The number of pulses applied to all devices.
    public var pulses: Int
  }

  public var networks: [Trained]
  /// Of the test text, predicted from the byte frequencies of the training text.
  public var unigramCrossEntropy: Double
  /// The number of distinct bytes in the text.
  public var vocabulary: Int

  /// The label of the first network whose cross-entropy is no longer finite; nil if there is none.
  public var diverged: String? {
    networks.first { !$0.testCrossEntropy.isFinite }?.label
  }
}

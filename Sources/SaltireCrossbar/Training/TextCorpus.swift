/// A text as a sequence of classes, its bytes, as in Karpathy's character models.
public struct TextCorpus: Sendable {
  /// The bytes that occur anywhere in the text, ascending: class k is byte k.
  public let vocabulary: [UInt8]
  /// The training part: the beginning of the text.
  public let train: [Int32]
  /// The test part, which follows it.
  public let test: [Int32]

  /// The text is too short for the requested parts.
  public struct TooShort: Error, Equatable, Sendable {
    public let bytes: Int
    public let needed: Int
  }

  /// Splits `text` into its first `train` bytes and the `test` bytes after them.
  ///
  /// - Throws: ``TooShort``.
  public init(_ text: [UInt8], train: Int, test: Int) throws(TooShort) {
    guard train >= 2, test >= 2, text.count >= train + test else {
      throw TooShort(bytes: text.count, needed: max(train, 2) + max(test, 2))
    }
    var occurs = [Bool](repeating: false, count: 256)
    for byte in text { occurs[Int(byte)] = true }
    vocabulary = (0..<256).filter { occurs[$0] }.map { UInt8($0) }
    var classes = [Int32](repeating: 0, count: 256)
    for (index, byte) in vocabulary.enumerated() { classes[Int(byte)] = Int32(index) }
    self.train = text[..<train].map { classes[Int($0)] }
    self.test = text[train..<train + test].map { classes[Int($0)] }
  }

  /// A text of a single byte value, in place of a text that cannot be read, so that the rest of the
  /// protocol can be checked.
  public static let placeholder = TextCorpus(vocabulary: [0], train: [0, 0], test: [0, 0])

  private init(vocabulary: [UInt8], train: [Int32], test: [Int32]) {
    (self.vocabulary, self.train, self.test) = (vocabulary, train, test)
  }

  /// Cross-entropy of predicting the test part from the byte frequencies of the training part, in
  /// nat: the baseline for a network.
  public var unigramCrossEntropy: Double {
    var counts = [Double](repeating: 1, count: vocabulary.count)
    for index in train { counts[Int(index)] += 1 }
    let total = counts.reduce(0, +)
    return test.reduce(0) { $0 - logarithm(counts[Int($1)] / total) } / Double(test.count)
  }
}

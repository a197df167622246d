public import SaltireCore

/// One point of a learning curve.
public struct CurvePoint: Sendable, Equatable {
  /// The number of characters trained so far.
  public var characters: Int
  /// The number of passes over the training text.
  public var epoch: Double
  /// Cross-entropy of the characters since the previous point, predicted before they were learnt,
  /// in nat; for the first point that of the test.
  public var train: Double
  /// Cross-entropy of the test text, in nat.
  public var test: Double
  /// The fraction of test characters whose likeliest prediction was correct.
  public var accuracy: Double
  /// The number of pulses on all devices so far.
  public var pulses: Int

  /// Its numbers in the order of declaration.
  public var values: [Double] {
    [Double(characters), epoch, train, test, accuracy, Double(pulses)]
  }

  init(
    characters: Int, epoch: Double, train: Double, test: Double, accuracy: Double, pulses: Int
  ) {
    (self.characters, self.epoch, self.train) = (characters, epoch, train)
    (self.test, self.accuracy, self.pulses) = (test, accuracy, pulses)
  }

  /// Restores the numbers.
  public init(_ record: inout RecordReader) throws(RecordError) {
    let values = try record.numbers()
    guard values.count == 6, let characters = Int(exactly: values[0]),
      let pulses = Int(exactly: values[5])
    else { throw RecordError(expected: "a point of a learning curve") }
    self.init(
      characters: characters, epoch: values[1], train: values[2], test: values[3],
      accuracy: values[4], pulses: pulses)
  }
}

/// The trace of one weight during training.
public struct WeightTrace: Sendable, Equatable {
  /// The position of the weight.
  public var layer: Int
  public var row: Int
  public var column: Int
  /// Number of characters, A − R and C − R in weight units of the devices (0 without an array A),
  /// row by row.
  public var values: [Double] = []

  public init(layer: Int, row: Int, column: Int) {
    (self.layer, self.row, self.column) = (layer, row, column)
  }
}

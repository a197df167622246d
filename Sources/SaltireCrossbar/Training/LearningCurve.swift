public import SaltireCore

/// One point of a learning curve.
public struct CurvePoint: Sendable, Equatable {
  /// Characters trained on so far.
  public var characters: Int
  /// The same in passes over the training part.
  public var epoch: Double
  /// Cross-entropy of the characters since the point before, as they were
  /// predicted before they were learnt, nat; that of the test for the first.
  public var train: Double
  /// Cross-entropy of the test part, nat.
  public var test: Double
  /// The share of the test part that was the likeliest class.
  public var accuracy: Double
  /// Pulses that all devices got so far.
  public var pulses: Int

  /// Its numbers in the order in which they are declared.
  public var values: [Double] {
    [Double(characters), epoch, train, test, accuracy, Double(pulses)]
  }

  init(
    characters: Int, epoch: Double, train: Double, test: Double, accuracy: Double, pulses: Int
  ) {
    (self.characters, self.epoch, self.train) = (characters, epoch, train)
    (self.test, self.accuracy, self.pulses) = (test, accuracy, pulses)
  }

  /// Takes up what was put down as its values.
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

/// One weight looked at while its network trains.
public struct WeightTrace: Sendable, Equatable {
  /// Where it is.
  public var layer: Int
  public var row: Int
  public var column: Int
  /// Characters trained, A − R, C − R in weight units of the devices; 0 for an
  /// A that there is none of. Row by row.
  public var values: [Double] = []

  public init(layer: Int, row: Int, column: Int) {
    (self.layer, self.row, self.column) = (layer, row, column)
  }
}

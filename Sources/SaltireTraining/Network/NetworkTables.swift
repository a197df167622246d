import SaltireRecords

/// The learning curve of a network: the values of a `CurvePoint`.
package enum CurveTable: String, RecordedTable {
  case characters, epoch
  /// Cross-entropies of the training part since the point before and of the test part, nat a
  /// character.
  case train, test
  case accuracy, pulses

  package static let name = "curve"
}

/// The weight of a network that is traced, in weight units: the values of a `WeightTrace`.
package enum TracedWeightTable: String, RecordedTable {
  case characters
  case fast = "A"
  case core = "C"

  package static let name = "weight"
}

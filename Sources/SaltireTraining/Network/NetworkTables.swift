import SaltireRecords

/// The learning curve of a network: the values of a `CurvePoint`.
package enum CurveTable: String, RecordedTable {
  case characters, epoch
  /// Cross-entropies of the training text since the previous point and of the test text, in nat per
  /// character.
  case train, test
  case accuracy, pulses

  package static let name = "curve"
}

/// The traced weight of a network, in weight units: the values of a `WeightTrace`.
package enum TracedWeightTable: String, RecordedTable {
  case characters
  case fast = "A"
  case core = "C"

  package static let name = "weight"
}

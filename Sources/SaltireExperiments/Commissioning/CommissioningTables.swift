import SaltireRecords

/// The currents at a level on one terminal, with a column for each meter.
enum MatrixTable: String, RecordedTable {
  case level

  static let name = "matrix"
  var unit: String { "V" }
}

/// The currents that were expected, with the same columns.
enum ExpectedTable: String, RecordedTable {
  case level

  static let name = "expected"
  var unit: String { "V" }
}

/// Reads of one device after a pulse.
enum SettlingTable: String, RecordedTable {
  /// Since the pulse.
  case time
  case current

  static let name = "settling"
  var unit: String { self == .time ? "s" : "A" }
}

extension Finding where Value == CommissioningFault {
  /// A terminal at its current limit, which ends the run.
  static var overload: Finding { Finding("overload") }
}

extension Note {
  static func overload(_ fault: CommissioningFault, of terminal: String) -> Note {
    .finding(name: Finding.overload.name, subject: terminal, json: JSONText.encode(fault))
  }
}

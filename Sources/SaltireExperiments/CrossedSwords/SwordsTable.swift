import SaltireRecords

/// Every read of crossed swords, of a device.
enum SwordsTable: String, RecordedTable {
  /// Pulses before the read.
  case pulse
  /// The pair of branches, from 1.
  case cycle
  /// Of the pulse before the read: 1 up, −1 down, 0 none.
  case direction
  /// Lab time.
  case time
  case conductance

  static let name = "swords"

  var unit: String {
    switch self {
    case .pulse, .cycle, .direction: ""
    case .time: "s"
    case .conductance: "S"
    }
  }
}

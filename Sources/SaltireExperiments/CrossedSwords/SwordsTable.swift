import SaltireRecords

/// Every read of the crossed swords of a device.
enum SwordsTable: String, RecordedTable {
  /// The number of pulses before the read.
  case pulse
  /// The cycle, counted from 1.
  case cycle
  /// The direction of the pulse before the read: 1 up, −1 down, 0 none.
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

import SaltirePrograms
import SaltireRecords

/// Weights from monitoring reads, in weight units: after the sample number one column for each
/// device, those of A before those of C.
enum WeightTable: String, RecordedTable {
  case sample

  static let name = "weights"
}

/// Output minus target of every sample, weight units.
enum ErrorTable: String, RecordedTable {
  case sample, error

  static let name = "error"
}

extension Descent {
  /// Buffered rows, written to the session some hundred at a time.
  struct Log {
    /// The subject of the tables; nil to record none.
    let label: String?
    let devices: [Note.Table.Column]
    var weights: [Double] = []
    var errors: [Double] = []

    init(label: String?, fast: TrainedArray?, core: TrainedArray) {
      self.label = label
      devices = ((fast?.sites ?? []) + core.sites).map { .init($0.device) }
    }

    var isFull: Bool { weights.count > 500 || errors.count > 500 }

    mutating func flush(_ lab: Lab<some Bench>) throws(BenchError) {
      if let label {
        if !weights.isEmpty {
          try lab.record(WeightTable.self, of: label, more: devices, weights)
        }
        if !errors.isEmpty { try lab.record(ErrorTable.self, of: label, errors) }
      }
      weights = []
      errors = []
    }
  }
}

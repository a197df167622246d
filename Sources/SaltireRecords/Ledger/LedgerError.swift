public import SaltirePrograms

/// An error of the dose ledger.
public enum LedgerError: BenchFailure, Equatable {
  /// Another process holds the file for too long.
  case busy(path: String)
  /// The file is not a ledger.
  case notALedger(path: String)
  /// A later version of saltire wrote it.
  case newer(path: String, format: Int, supported: Int)
  /// Its contents are inconsistent.
  case damaged(path: String, reason: String)
  /// An error of the file system or the database.
  case storage(path: String, reason: String)
  /// The device is in use by a run in progress.
  case deviceInUse(DeviceIdentity, session: String)
  /// Another run has entered a dose of the device since this run began.
  case changed(DeviceIdentity)

  /// Doses are entered before anything is energised.
  public var isRefusal: Bool { true }

  /// The error as one sentence.
  public var message: String {
    switch self {
    case .busy(let path): "the dose ledger \(path) is held by another process"
    case .notALedger(let path): "\(path) is not a dose ledger of saltire"
    case .newer(let path, let format, let supported):
      "the dose ledger \(path) has format \(format); this program reads up to \(supported)"
    case .damaged(let path, let reason): "the dose ledger \(path) is damaged: \(reason)"
    case .storage(let path, let reason):
      "cannot write or read the dose ledger \(path): \(reason)"
    case .deviceInUse(let identity, let session):
      "\(identity.text), is in use by a run in progress: \(session)"
    case .changed(let identity):
      "\(identity.text), has been used in another run since this one began"
    }
  }
}

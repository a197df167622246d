public import SaltirePrograms

/// Why the doses of devices could not be kept or read.
public enum LedgerError: BenchFailure, Equatable {
  /// Another process holds the file for too long.
  case busy(path: String)
  /// The file is something else.
  case notALedger(path: String)
  /// Written by a later version of the program.
  case newer(path: String, format: Int, supported: Int)
  /// What is in it cannot have been written so.
  case damaged(path: String, reason: String)
  /// The file system or the database refused.
  case storage(path: String, reason: String)
  /// The device is in a session that is going on.
  case deviceInUse(DeviceIdentity, session: String)
  /// Somebody else has entered doses of the device since this run began.
  case changed(DeviceIdentity)

  /// Doses are entered before anything is energised.
  public var isRefusal: Bool { true }

  /// What happened, in one sentence.
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
      "\(identity.text), is in a run that goes on: \(session)"
    case .changed(let identity):
      "\(identity.text), has been in another run since this one began"
    }
  }
}

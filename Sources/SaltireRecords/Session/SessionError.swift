public import Foundation
public import SaltirePrograms

/// Why a session file could not be made, read or written.
public enum SessionError: BenchFailure, Equatable {
  /// There is a file at that path already.
  case exists(path: String)
  /// Another process is writing to it.
  case inUse(path: String)
  /// There is none.
  case missing(path: String)
  /// The file is no session.
  case notASession(path: String)
  /// Written by a later version of the program.
  case newer(path: String, format: Int, supported: Int)
  /// What was written last is in a file that is not beside it.
  case incomplete(path: String)
  /// What is in it cannot have been written so.
  case damaged(path: String, reason: String)
  /// The file system or the database refused.
  case storage(path: String, reason: String)
  /// Its file or its log is gone while it is written, when it was last seen and how.
  case lost(path: String, reason: String, since: Date)

  /// What happened, in one sentence.
  public var message: String {
    switch self {
    case .exists(let path): "\(path) exists already"
    case .inUse(let path): "\(path) is being written by another process"
    case .missing(let path): "there is no file \(path)"
    case .notASession(let path): "\(path) is not a saltire session"
    case .newer(let path, let format, let supported):
      "\(path) has session format \(format); this program reads up to \(supported)"
    case .incomplete(let path):
      "\(path) is not all of its session: what was written last is in \(path)-wal, which is not"
        + " there"
    case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
    case .storage(let path, let reason): "cannot write or read \(path): \(reason)"
    case .lost(let path, let reason, let since):
      "the session \(path) is gone: \(reason); what was measured since"
        + " \(since.formatted(.iso8601)) is lost"
    }
  }
}

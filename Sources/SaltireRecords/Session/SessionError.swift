public import Foundation
public import SaltirePrograms

/// An error of a session file.
public enum SessionError: BenchFailure, Equatable {
  /// The path already exists.
  case exists(path: String)
  /// Another process is writing it.
  case inUse(path: String)
  /// The file does not exist.
  case missing(path: String)
  /// The file is not a session.
  case notASession(path: String)
  /// A later version of saltire wrote it.
  case newer(path: String, format: Int, supported: Int)
  /// Its last writes are in a missing file.
  case incomplete(path: String)
  /// Its contents are inconsistent.
  case damaged(path: String, reason: String)
  /// An error of the file system or the database.
  case storage(path: String, reason: String)
  /// Its file or its log was lost during writing: how, and when it was last seen.
  case lost(path: String, reason: String, since: Date)

  /// The error as one sentence.
  public var message: String {
    switch self {
    case .exists(let path): "\(path) exists already"
    case .inUse(let path): "\(path) is being written by another process"
    case .missing(let path): "the file \(path) does not exist"
    case .notASession(let path): "\(path) is not a saltire session"
    case .newer(let path, let format, let supported):
      "\(path) has session format \(format); this program reads up to \(supported)"
    case .incomplete(let path):
      "\(path) is incomplete: the last writes are in \(path)-wal, which is missing"
    case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
    case .storage(let path, let reason): "cannot write or read \(path): \(reason)"
    case .lost(let path, let reason, let since):
      "the session \(path) was lost: \(reason); measurements since"
        + " \(since.formatted(.iso8601)) are lost"
    }
  }
}

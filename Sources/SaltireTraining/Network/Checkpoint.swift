import Foundation
import SaltireCore
import SaltireRecords

/// Why a training cannot be taken up from a checkpoint.
public enum CheckpointError: Error, Equatable, Sendable {
  case unreadable(path: String)
  /// Of another protocol, other settings, another seed or another text.
  case foreign(path: String)
  case damaged(path: String, expected: String)
  case unwritable(path: String, reason: String)

  public var message: String {
    switch self {
    case .unreadable(let path): "there is no checkpoint '\(path)' that can be read"
    case .foreign(let path):
      "\(path) is of another protocol, other settings, another seed or another text"
    case .damaged(let path, let expected): "\(path) is damaged: expected \(expected)"
    case .unwritable(let path, let reason): "cannot write the checkpoint \(path): \(reason)"
    }
  }
}

/// A training put down in a file: as a record behind a line that says what it
/// is, with its digest at the end.
struct Checkpoint {
  private static let magic = Array("saltire checkpoint 1\n".utf8)

  /// Replaces the file at once: whoever is killed leaves the one before.
  static func write(_ record: RecordWriter, to url: URL) throws(CheckpointError) {
    let body = magic + record.bytes
    do throws(FileFailure) {
      try NewFile.write(body + Array(Manifest.digest(body).utf8), to: url)
    } catch {
      throw .unwritable(path: url.relativePath, reason: error.reason)
    }
  }

  static func read(_ url: URL) throws(CheckpointError) -> RecordReader {
    let path = url.relativePath
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw .unreadable(path: path)
    }
    let bytes = Array(data)
    let digestLength = 64
    guard bytes.count >= magic.count + digestLength, bytes.starts(with: magic) else {
      throw .damaged(path: path, expected: "a checkpoint of this version")
    }
    let body = Array(bytes.dropLast(digestLength))
    guard Array(Manifest.digest(body).utf8) == Array(bytes.suffix(digestLength)) else {
      throw .damaged(path: path, expected: "the digest of what it holds")
    }
    return RecordReader(Array(body.dropFirst(magic.count)))
  }
}

import Foundation
import SaltireCore
import SaltireRecords

/// Why a training cannot be resumed from a checkpoint.
public enum CheckpointError: Error, Equatable, Sendable {
  case unreadable(path: String)
  /// It has a different protocol, settings, seed or text.
  case foreign(path: String)
  case damaged(path: String, expected: String)
  case unwritable(path: String, reason: String)

  public var message: String {
    switch self {
    case .unreadable(let path): "cannot read the checkpoint '\(path)'"
    case .foreign(let path):
      "\(path) was written with a different protocol, settings, seed or text"
    case .damaged(let path, let expected): "\(path) is damaged: expected \(expected)"
    case .unwritable(let path, let reason): "cannot write the checkpoint \(path): \(reason)"
    }
  }
}

/// The state of a training in a file: a header line, a record and a digest.
struct Checkpoint {
  private static let magic = Array("saltire checkpoint 1\n".utf8)

  /// Replaces the file atomically, so that a killed process leaves the previous one.
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
      throw .damaged(path: path, expected: "the digest of its contents")
    }
    return RecordReader(Array(body.dropFirst(magic.count)))
  }
}

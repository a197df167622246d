import Foundation
import SaltireCore
import SaltireDevices
import SaltireRecords

/// The files that a network's protocol names.
final class NetworkFiles {
  /// Bytes of a text to learn, which is held several times over.
  private static let longest = 1 << 30
  /// Those small enough to be kept in a session.
  private(set) var sources: [Manifest.Source] = []
  /// What else was read, by what it is, with its digest.
  private(set) var conditions: [String: String] = [:]

  /// Of the files that are not kept.
  private(set) var digests: [String] = []

  /// A text to keep; nil where it cannot be read.
  func text(_ path: Located<String>) -> String? {
    guard let text = try? BoundedFile.text(path.file.path, limit: MeasuredCurve.longest) else {
      return nil
    }
    let source = Manifest.Source(name: path.value, text: text)
    if !sources.contains(source) { sources.append(source) }
    return text
  }

  /// Bytes to work with, of which only the digest is kept; nil where they
  /// cannot be read.
  func bytes(_ path: Located<String>, for purpose: String) -> [UInt8]? {
    guard let bytes = try? BoundedFile.bytes(path.file.path, limit: Self.longest) else {
      return nil
    }
    let digest = Manifest.digest(bytes)
    digests.append(digest)
    note(purpose, "\(path.value), \(bytes.count) bytes, SHA-256 \(digest)")
    return bytes
  }

  func note(_ name: String, _ value: String) { conditions[name] = value }
}

import Foundation
import SaltireCore
import SaltireDevices
import SaltireRecords

/// The files that a network's protocol refers to.
final class NetworkFiles: CurveShelf {
  /// Maximum size of a training text in bytes; it is held in memory several times.
  private static let longest = 1 << 30
  /// Files small enough to be stored in a session.
  private(set) var sources: [Manifest.Source] = []
  /// Descriptions and digests of the other files.
  private(set) var conditions: [String: String] = [:]

  /// What was understood of each measured curve.
  private var curves: [String] = []
  /// The digests of the files that are not stored.
  private(set) var digests: [String] = []

  func curve(
    _ path: Located<String>, _ format: CurveFormat
  ) throws(MeasuredCurveError) -> MeasuredCurve {
    let curve = try MeasuredCurve(contentsOf: path, format: format) { path, text in
      let source = Manifest.Source(name: path.value, text: text)
      if !sources.contains(source) { sources.append(source) }
    }
    if !curves.contains(curve.summary) { curves.append(curve.summary) }
    note("curve", curves.joined(separator: "\n"))
    return curve
  }

  /// The bytes of a file of which only the digest is stored; nil if it cannot be read.
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

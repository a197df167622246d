import Foundation
import SaltireBenches
import SaltireCore
import SaltireRecords

/// What is said of a session whose run and guardian were both killed: its outputs may
/// still be on.
enum Unconfirmed {
  /// Nil where somebody confirmed the outputs, a run goes on, or nothing outlived it.
  static func warning(of session: Session) throws -> String? {
    let manifest = session.manifest
    guard try session.ending() == nil, manifest.isOutside, !session.isInUse else { return nil }
    return "nobody confirmed that the outputs of this run are off; they may be on:"
      + " 'saltire off --bench \(manifest.bench.name)' makes them safe"
  }

  /// Tells it on standard error.
  static func tell(of session: Session) throws {
    if let warning = try warning(of: session) {
      Console.error("warning: \(session.url.relativePath): \(warning)")
    }
  }
}

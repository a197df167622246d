import Foundation
import SaltireBenches
import SaltireCore
import SaltireRecords

/// The warning for a session whose run and guardian were both killed: outputs may still be on.
enum Unconfirmed {
  /// Nil if the outputs were confirmed, the run is in progress or the instruments were simulated.
  static func warning(of session: Session) throws -> String? {
    let manifest = session.manifest
    guard try session.ending() == nil, manifest.isOutside, !session.isInUse else { return nil }
    return "the outputs of this run were not confirmed off and may be on; to make them safe:"
      + " saltire off --bench \(manifest.bench.name.quotedForShell)"
  }

  /// Prints the warning on standard error.
  static func tell(of session: Session) throws {
    if let warning = try warning(of: session) {
      Console.error("warning: \(session.url.relativePath): \(warning)")
    }
  }
}

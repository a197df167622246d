import Foundation
import SaltireCore
import SaltireExperiments
import SaltireRecords

/// When each bench of this user was last commissioned: a small file beside the dose ledger.
struct CommissioningLog: Codable {
  struct Entry: Codable {
    /// The path of the bench file.
    var path: String
    /// The bench file and its settings, as the session stores them.
    var bench: String
    var date: Date
    var session: String
    var isFaultless: Bool
  }

  private var benches: [Entry] = []

  private static var url: URL {
    LedgerPlace.url.deletingLastPathComponent().appendingPathComponent("commissioned.json")
  }

  /// The log as it is on disk; empty without one.
  private static var present: CommissioningLog {
    guard let text = try? BoundedFile.text(url.path, limit: 1 << 24),
      let log = JSONText.decode(CommissioningLog.self, from: text)
    else { return CommissioningLog() }
    return log
  }

  private static func path(_ manifest: Manifest) -> String {
    URL(fileURLWithPath: manifest.bench.name).standardizedFileURL.path
  }

  /// What a bench is, apart from the protocol.
  private static func content(_ manifest: Manifest, _ overrides: Overrides) -> String {
    let settings = overrides.values.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
    return manifest.bench.sha256 + settings.joined()
  }

  /// Enters a finished commissioning.
  ///
  /// - Throws: `FileFailure`; errors of the file system.
  static func enter(
    _ manifest: Manifest, bench overrides: Overrides, session: URL, isFaultless: Bool
  ) throws {
    var log = present
    log.benches.removeAll { $0.path == path(manifest) }
    log.benches.append(
      Entry(
        path: path(manifest), bench: content(manifest, overrides), date: manifest.created,
        session: session.path, isFaultless: isFaultless))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try NewFile.write(JSONText.encode(log).utf8, to: url)
  }

  /// A sentence for the summary of a run.
  static func text(_ manifest: Manifest, bench overrides: Overrides) -> String {
    guard let entry = present.benches.first(where: { $0.path == path(manifest) }) else {
      return "this bench was never commissioned: 'saltire commission' shows that it is wired as"
        + " its file says"
    }
    let last =
      "commissioned \(entry.date.formatted(.iso8601))"
      + (entry.isFaultless ? "" : ", with faults")
    return entry.bench == content(manifest, overrides)
      ? "bench \(last)" : "the bench file has changed since it was \(last)"
  }
}

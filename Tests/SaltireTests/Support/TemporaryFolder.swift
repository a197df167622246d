import Foundation

/// A folder of its own for one test, gone with the last reference to it.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "saltire-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a text into it and returns its path.
  func write(_ text: String, _ name: String) throws -> String {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
    return path(name)
  }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Names of what is in `name`; empty where there is no such folder.
  func content(_ name: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path(name)))?.sorted() ?? []
  }
}

public import Foundation

/// A folder for one test, removed with the last reference to it.
public final class TemporaryFolder: Sendable {
  public let url: URL

  /// - Throws: errors of the file system.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "saltire-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The URL for `name`.
  public subscript(name: String) -> URL { url.appendingPathComponent(name) }

  /// The path for `name`.
  public func path(_ name: String) -> String { self[name].path }

  /// Writes a text file and returns its path.
  ///
  /// - Throws: errors of the file system.
  public func write(_ text: String, _ name: String) throws -> String {
    try Data(text.utf8).write(to: self[name])
    return path(name)
  }

  /// The names in its subfolder `name`, or in the folder itself, sorted; empty if there is no such
  /// folder.
  public func content(_ name: String = "") -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path(name)))?.sorted() ?? []
  }
}

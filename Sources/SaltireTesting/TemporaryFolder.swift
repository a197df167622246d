public import Foundation

/// A folder of its own for one test, gone with the last reference to it.
public final class TemporaryFolder: Sendable {
  public let url: URL

  /// - Throws: errors of the file system.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "saltire-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Where `name` is or would be.
  public subscript(name: String) -> URL { url.appendingPathComponent(name) }

  /// The same as a path.
  public func path(_ name: String) -> String { self[name].path }

  /// Writes a text into it and returns its path.
  ///
  /// - Throws: errors of the file system.
  public func write(_ text: String, _ name: String) throws -> String {
    try Data(text.utf8).write(to: self[name])
    return path(name)
  }

  /// Names of what is in the folder `name` of it, in itself without one,
  /// sorted; empty where there is no such folder.
  public func content(_ name: String = "") -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path(name)))?.sorted() ?? []
  }
}

import Foundation
import Testing

/// Files of expected text next to the tests. `SALTIRE_RECORD=1` rewrites them; read the difference
/// before committing it.
enum Golden {
  static func check(
    _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden").appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["SALTIRE_RECORD"] == "1" {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    guard text != expected else { return }
    let pairs = zip(text.split(separator: "\n"), expected.split(separator: "\n"))
    let first = pairs.first { $0 != $1 }.map { "\"\($0)\" instead of \"\($1)\"" } ?? "the length"
    Issue.record("\(name) differs, first in \(first)", sourceLocation: sourceLocation)
  }
}

internal import Foundation
internal import SaltireCore

/// The files that a bench file names, from disk or from a session's manifest.
final class Attachments {
  /// What was read, for the manifest.
  private(set) var sources: [Manifest.Source] = []
  private let recorded: [Manifest.Source]?
  private let folder: URL

  /// Files on disk for the bench file `bench`, or those recorded with it.
  init(for bench: String, recorded: [Manifest.Source]?) {
    folder = URL(fileURLWithPath: bench).deletingLastPathComponent()
    self.recorded = recorded
  }

  /// The text of the file at `path`; nil when it cannot be read. What stands
  /// in a file is relative to that file, what is typed is not.
  func text(_ path: Located<String>) -> String? {
    if let recorded { return recorded.first { $0.name == path.value }?.text }
    let base = path.location?.file == "command line" ? nil : folder
    let url = URL(fileURLWithPath: path.value, relativeTo: base)
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    sources.append(Manifest.Source(name: path.value, text: text))
    return text
  }
}

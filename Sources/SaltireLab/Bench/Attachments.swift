public import Foundation
internal import SaltireCore
internal import SaltireInstruments

/// The files that a bench file names, from disk or from a session's manifest.
final class Attachments {
  /// What was read, for the manifest.
  private(set) var sources: [Manifest.Source] = []
  private let recorded: [Manifest.Source]?
  private let folder: URL
  private var shelf: InstrumentLibrary?
  /// What was wrong with definition files.
  private(set) var faults: [Diagnostic] = []

  /// Files on disk for the bench file `bench`, or those recorded with it.
  init(for bench: String, recorded: [Manifest.Source]?) {
    folder = URL(fileURLWithPath: bench).deletingLastPathComponent()
    self.recorded = recorded
  }

  /// The text of the file at `path`; nil when it cannot be read. What stands
  /// in a file is relative to that file, what is typed is not.
  func text(_ path: Located<String>) -> String? {
    let base = path.location?.file == "command line" ? nil : folder
    return text(path.value, relativeTo: base)
  }

  private func text(_ path: String, relativeTo base: URL?) -> String? {
    if let recorded { return recorded.first { $0.name == path }?.text }
    let url = URL(fileURLWithPath: path, relativeTo: base)
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    sources.append(Manifest.Source(name: path, text: text))
    return text
  }

  /// The instrument definitions beside the bench files: those of the folder
  /// above, `../VENDOR/FAMILY.yaml`.
  func library() -> InstrumentLibrary {
    if let shelf { return shelf }
    let paths: [String]
    if let recorded {
      paths = recorded.map(\.name).filter { $0.hasPrefix("../") }
    } else {
      paths = InstrumentFiles.paths(in: folder.appendingPathComponent("..")).map { "../\($0)" }
    }
    var documents: [(name: String, document: Document)] = []
    var library = InstrumentLibrary()
    for path in paths {
      guard let text = text(path, relativeTo: folder) else { continue }
      do throws(Diagnostics) {
        documents = [(String(path.dropFirst(3).dropLast(5)), try Document(name: path, text: text))]
        try library.add(documents)
      } catch {
        faults += error.items
      }
    }
    shelf = library
    return library
  }
}

/// Where instrument definitions are in a folder.
public enum InstrumentFiles {
  /// VENDOR/FAMILY.yaml, sorted; the benches are none.
  public static func paths(in folder: URL) -> [String] {
    let vendors = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return vendors.sorted().filter { $0 != "benches" }.flatMap { vendor in
      let files =
        (try? FileManager.default.contentsOfDirectory(
          atPath: folder.appendingPathComponent(vendor).path)) ?? []
      return files.sorted().filter { $0.hasSuffix(".yaml") }.map { "\(vendor)/\($0)" }
    }
  }
}

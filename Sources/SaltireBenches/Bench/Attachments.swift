internal import Foundation
internal import SaltireCore
internal import SaltireDevices
internal import SaltireInstruments
import SaltireRecords

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
    if let recorded { return recorded.first { $0.name == path.value }?.text }
    let url = URL(fileURLWithPath: path.value, relativeTo: base)
    guard let text = try? BoundedFile.text(url.path, limit: MeasuredCurve.longest) else {
      return nil
    }
    sources.append(Manifest.Source(name: path.value, text: text))
    return text
  }

  /// The instrument definitions, VENDOR/FAMILY.yaml: in the folder
  /// `instruments` that the bench file is in, or else where the program runs.
  func library() -> InstrumentLibrary {
    if let shelf { return shelf }
    var library = InstrumentLibrary()
    for source in recorded?.filter({ $0.name.hasPrefix(Self.shelfName) }) ?? definitionFiles() {
      do throws(Diagnostics) {
        let name = source.name.dropFirst(Self.shelfName.count).dropLast(5)
        try library.add(
          try Document(name: source.name, text: source.text), name: String(name))
        if recorded == nil { sources.append(source) }
      } catch {
        faults += error.items
      }
    }
    shelf = library
    return library
  }

  private static let shelfName = "\(InstrumentFiles.folder)/"

  private func definitionFiles() -> [Manifest.Source] {
    var parts = folder.standardizedFileURL.pathComponents
    while let last = parts.last, last != InstrumentFiles.folder { parts.removeLast() }
    let shelf =
      parts.isEmpty
      ? URL(fileURLWithPath: InstrumentFiles.folder)
      : URL(fileURLWithPath: NSString.path(withComponents: parts))
    return InstrumentFiles.paths(in: shelf).compactMap { path in
      let place = shelf.appendingPathComponent(path).path
      return (try? BoundedFile.text(place, limit: Document.longest)).map {
        Manifest.Source(name: Self.shelfName + path, text: $0)
      }
    }
  }
}

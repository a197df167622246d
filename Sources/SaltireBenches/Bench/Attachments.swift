import Foundation
import SaltireCore
import SaltireDevices
import SaltireInstruments
import SaltireRecords
import SaltireRig

/// The files that a bench file refers to, from disk or from the manifest of a session.
final class Attachments: DefinitionShelf, CurveShelf {
  /// The files that were read, for the manifest.
  private(set) var sources: [Manifest.Source] = []
  private let recorded: [Manifest.Source]?
  private let folder: URL
  private var shelf: InstrumentLibrary?
  /// Faults in definitions that the bench file names.
  private(set) var faults: [Diagnostic] = []
  /// Faults in other definitions, which are not needed.
  var warnings: [Diagnostic] { shelf?.faults.filter { !faults.contains($0) } ?? [] }

  /// Files on disk for the bench file `bench`, or the files recorded with it.
  init(for bench: String, recorded: [Manifest.Source]?) {
    folder = URL(fileURLWithPath: bench).deletingLastPathComponent()
    self.recorded = recorded
  }

  /// What was understood of the measured curve; nil if there is none, or if it was recorded.
  private(set) var curve: String?

  func curve(
    _ path: Located<String>, _ format: CurveFormat
  ) throws(MeasuredCurveError) -> MeasuredCurve {
    if let recorded {
      guard let source = recorded.first(where: { $0.name == path.value }) else {
        throw MeasuredCurveError(file: path.value, message: "the session did not record this file")
      }
      return try MeasuredCurve(recorded: source.text, file: path.value)
    }
    let curve = try MeasuredCurve(contentsOf: path, format: format)
    sources.append(Manifest.Source(name: path.value, text: curve.record))
    self.curve = curve.summary
    return curve
  }

  /// The definition and the model that the bench file names. A definition that is found is added to
  /// the manifest; faults in it are added to `faults`.
  func find(_ name: String) -> (definition: Definition, model: Definition.Model)? {
    let library = library()
    guard let found = library.find(name) else {
      faults += library.faults(for: name).filter { !faults.contains($0) }
      return nil
    }
    let family = found.definition.name
    let source = Manifest.Source(
      name: Self.shelfName + "\(family).yaml", text: library.texts[family] ?? "")
    if !sources.contains(source) { sources.append(source) }
    return found
  }

  /// The instrument definitions, VENDOR/FAMILY.yaml: in the `instruments` folder that contains the
  /// bench file, otherwise in the one of the current folder.
  func library() -> InstrumentLibrary {
    if let shelf { return shelf }
    var library = InstrumentLibrary()
    if let recorded {
      for source in recorded where source.name.hasPrefix(Self.shelfName) {
        library.add(source.text, path: String(source.name.dropFirst(Self.shelfName.count)))
      }
    } else {
      library = InstrumentLibrary(folder: definitionFolder)
    }
    shelf = library
    return library
  }

  private static let shelfName = "\(InstrumentFiles.folder)/"

  private var definitionFolder: URL {
    var parts = folder.standardizedFileURL.pathComponents
    while let last = parts.last, last != InstrumentFiles.folder { parts.removeLast() }
    return parts.isEmpty
      ? URL(fileURLWithPath: InstrumentFiles.folder)
      : URL(fileURLWithPath: NSString.path(withComponents: parts))
  }
}

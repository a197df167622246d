public import Foundation
public import SaltireCore
public import SaltireLinks

/// The instrument definitions of a folder, by model.
///
/// A file with faults is set aside: it affects only benches that name one of its models.
public struct InstrumentLibrary: Sendable {
  public private(set) var definitions: [Definition] = []
  /// The texts of the definitions, by family name.
  public private(set) var texts: [String: String] = [:]
  private var faulty: [Faulty] = []

  /// A file with faults.
  private struct Faulty {
    /// The family's name.
    var name: String
    /// The models that it appears to define; nil if it cannot be read at all.
    var models: [String]?
    var faults: [Diagnostic]
  }

  public init() {}

  /// Reads every definition file of a folder.
  public init(folder: URL) {
    for path in InstrumentFiles.paths(in: folder) {
      do throws(BoundedFile.Refusal) {
        let text = try BoundedFile.text(
          folder.appendingPathComponent(path).path, limit: Document.longest)
        add(text, path: path)
      } catch {
        let file = "\(InstrumentFiles.folder)/\(path)"
        let start = SourceLocation(file: file, line: 1, column: 1, excerpt: "")
        let fault = Diagnostic(error.message(calling: file), at: start)
        faulty.append(Faulty(name: String(path.dropLast(5)), faults: [fault]))
      }
    }
  }

  /// Reads a definition.
  ///
  /// - Parameters:
  ///   - text: the text of the file.
  ///   - path: its path in the folder of definitions: VENDOR/FAMILY.yaml.
  public mutating func add(_ text: String, path: String) {
    let name = String(path.dropLast(5))
    var models: [String]?
    do throws(Diagnostics) {
      let document = try Document(name: "\(InstrumentFiles.folder)/\(path)", text: text)
      models = Reader(document).section(Definition.Keys.models).keys
      try add(document, name: name)
    } catch {
      faulty.append(Faulty(name: name, models: models, faults: error.items))
    }
  }

  /// Reads a definition that must be valid.
  ///
  /// - Parameters:
  ///   - document: the file.
  ///   - name: the family's name, such as keithley/2600b.
  /// - Throws: `Diagnostics` with every fault.
  public mutating func add(_ document: Document, name: String) throws(Diagnostics) {
    definitions.append(try Definition(document, name: name))
    texts[name] = document.text
  }

  /// The faults of all files.
  public var faults: [Diagnostic] { faulty.flatMap(\.faults) }

  /// The faults of files that define, or may define, the named model.
  public func faults(for name: String) -> [Diagnostic] {
    guard let (vendor, model) = Self.parts(of: name) else { return [] }
    return faulty.filter { file in
      file.name.hasPrefix("\(vendor)/")
        && file.models?.contains { $0.lowercased() == model.lowercased() } ?? true
    }.flatMap(\.faults)
  }

  /// The definition and model for a name such as keithley/2636b.
  public func find(_ name: String) -> (definition: Definition, model: Definition.Model)? {
    guard let (vendor, word) = Self.parts(of: name) else { return nil }
    for definition in definitions where definition.name.hasPrefix("\(vendor)/") {
      if let model = definition.model(named: word) { return (definition, model) }
    }
    return nil
  }

  private static func parts(of name: String) -> (vendor: Substring, model: String)? {
    let parts = name.split(separator: "/", maxSplits: 1)
    return parts.count == 2 ? (parts[0], String(parts[1])) : nil
  }

  /// The family of USB devices with this id.
  public func find(_ kind: USBIdentifier) -> Definition? {
    definitions.first { $0.usb.contains(kind) }
  }

  /// The family and model of an instrument with this identity.
  public func find(_ identity: Identity) -> (definition: Definition, model: Definition.Model)? {
    for definition in definitions {
      if let model = definition.model(of: identity) { return (definition, model) }
    }
    return nil
  }

  /// A hint for a name that ``find(_:)-(String)`` does not know: the models of a partial name,
  /// otherwise the nearest names.
  public func hint(for name: String) -> String {
    let word = name.lowercased()
    let meant =
      definitions.first { $0.name == word }.map(names(of:))
      ?? names.filter { $0.hasPrefix(word) }
    return switch meant.count {
    case 0:
      suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
        ?? "families: \(names.joined(separator: ", "))"
    case 1: "did you mean '\(meant[0])'?"
    default: "which one: \(meant.joined(separator: ", "))?"
    }
  }

  /// All names that ``find(_:)-(String)`` knows.
  public var names: [String] {
    definitions.flatMap(names(of:))
  }

  /// The names of one family: its vendor with each of its models.
  public func names(of definition: Definition) -> [String] {
    let vendor = definition.name.split(separator: "/")[0]
    return definition.models.map { "\(vendor)/\($0.name.lowercased())" }
  }
}

public import SaltireCore
public import SaltireLinks

/// The definition files of a folder, by what they define.
public struct InstrumentLibrary: Sendable {
  public private(set) var definitions: [Definition] = []

  public init() {}

  /// Reads a definition file.
  ///
  /// - Parameters:
  ///   - document: the file.
  ///   - name: the family's name, such as keithley/2600b.
  /// - Throws: `Diagnostics` with every fault in it.
  public mutating func add(_ document: Document, name: String) throws(Diagnostics) {
    definitions.append(try Definition(document, name: name))
  }

  /// The definition and model behind a name such as keithley/2636b.
  public func find(_ name: String) -> (definition: Definition, model: Definition.Model)? {
    let parts = name.split(separator: "/", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    for definition in definitions where definition.name.hasPrefix("\(parts[0])/") {
      if let model = definition.model(named: String(parts[1])) { return (definition, model) }
    }
    return nil
  }

  /// The family that USB devices of this kind belong to.
  public func find(_ kind: USBIdentifier) -> Definition? {
    definitions.first { $0.usb.contains(kind) }
  }

  /// The family and the model that an instrument of this identity is.
  public func find(_ identity: Identity) -> (definition: Definition, model: Definition.Model)? {
    for definition in definitions {
      if let model = definition.model(of: identity) { return (definition, model) }
    }
    return nil
  }

  /// What would be right in place of a name that ``find(_:)-(String)`` does not know:
  /// the models of what it names in part, or else the nearest.
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

  /// Every name that ``find(_:)-(String)`` knows.
  public var names: [String] {
    definitions.flatMap(names(of:))
  }

  /// Those of one family: its vendor and each of its models.
  public func names(of definition: Definition) -> [String] {
    let vendor = definition.name.split(separator: "/")[0]
    return definition.models.map { "\(vendor)/\($0.name.lowercased())" }
  }
}

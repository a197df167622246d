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

public import SaltireCore

/// Which devices there are and which terminals reach them.
///
/// An array is rows by columns of devices; here each array has one row, the
/// sources of its devices, and each device a drain (its column's read line)
/// and a gate (its column's write line) of its own.
public struct Wiring: Sendable, Equatable {
  /// One device's place.
  public struct Site: Sendable, Equatable {
    public var device: String
    public var gate: Terminal
    public var drain: Terminal
    public var row: Terminal
  }

  /// Devices that share a row.
  public struct Array: Sendable, Equatable {
    public var name: String
    public var row: Terminal
    public var sites: [Site]
  }

  public var arrays: [Array]

  /// Every device's place, array by array.
  public var sites: [Site] { arrays.flatMap(\.sites) }

  /// The place of the device `name`.
  public func site(_ name: String) -> Site? { sites.first { $0.device == name } }

  /// The array `name`.
  public func array(_ name: String) -> Array? { arrays.first { $0.name == name } }

  /// Every terminal, each once, rows first.
  public var terminals: [Terminal] {
    arrays.flatMap { array in [array.row] + array.sites.flatMap { [$0.drain, $0.gate] } }
  }

  /// Reads the `arrays` section of a bench file.
  public init(_ reader: Reader) {
    var names: Set<String> = []
    func unique(_ name: Located<String>, _ what: String) -> String {
      if !names.insert("\(what) \(name.value)").inserted {
        reader.report(Diagnostic("the \(what) \(name.value) stands twice", at: name.location))
      }
      return name.value
    }
    arrays = reader.keys.map { name in
      let section = reader.section(name)
      let row = Terminal(unique(section.text("row"), "terminal"))
      let sites = section.list("columns").map { column in
        Site(
          device: unique(column.text("device"), "device"),
          gate: Terminal(unique(column.text("gate"), "terminal")),
          drain: Terminal(unique(column.text("drain"), "terminal")), row: row)
      }
      return Array(name: name, row: row, sites: sites)
    }
  }
}

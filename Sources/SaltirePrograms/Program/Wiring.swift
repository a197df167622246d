package import SaltireCore

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
    /// Its source; nil where that is wired to ground.
    public var row: Terminal?

    /// Where its current is measured: at its row or, without one, its drain.
    public var meter: Terminal { row ?? drain }

    /// What a drain voltage sends into the row it takes from the drain.
    public var meterSign: Double { row == nil ? -1 : 1 }
  }

  /// Devices that share a row.
  public struct Array: Sendable, Equatable {
    public var name: String
    /// nil where the sources are wired to ground.
    public var row: Terminal?
    public var sites: [Site]
  }

  public var arrays: [Array]

  /// What a bench file calls a row without an instrument.
  private static let ground = "ground"

  /// Every device's place, array by array.
  public var sites: [Site] { arrays.flatMap(\.sites) }

  /// The place of the device `name`.
  public func site(_ name: String) -> Site? { sites.first { $0.device == name } }

  /// Whether a terminal is a device's gate.
  package func isGate(_ terminal: Terminal) -> Bool { sites.contains { $0.gate == terminal } }

  /// The array `name`.
  public func array(_ name: String) -> Array? { arrays.first { $0.name == name } }

  /// Every terminal, each once, rows first.
  public var terminals: [Terminal] {
    arrays.flatMap { array in
      (array.row.map { [$0] } ?? []) + array.sites.flatMap { [$0.drain, $0.gate] }
    }
  }

  /// The keys of the `arrays` section.
  package enum Keys {
    package static let arrays = SectionKey(
      "arrays", "Which devices there are, one section an array, by its name.", [array])
    static let array = SectionKey("ARRAY", absent: "", "One array.", [row, columns])
    static let row = Key.text(
      "row", form: "terminal",
      "The sources of the array's devices; `ground` where they are wired to ground.")
    static let columns = SectionKey.list(
      "columns", "The array's devices, one entry each.",
      [device, drain, gate, DeviceIdentity.Keys.die, DeviceIdentity.Keys.position])
    static let device = Key.text("device", form: "name", "What protocols call it; once a bench.")
    static let drain = Key.text("drain", form: "terminal", "The column's read line.")
    static let gate = Key.text("gate", form: "terminal", "The column's write line.")
  }

  /// Reads the `arrays` section of a bench file.
  ///
  /// - Parameter identities: gets which device the file believes to be at which
  ///   place, by name.
  package init(_ reader: Reader, identities: inout [String: Located<DeviceIdentity>]) {
    var known: [String: Located<DeviceIdentity>] = [:]
    var names: Set<String> = []
    func unique(_ name: Located<String>, _ what: String) -> String {
      if !names.insert("\(what) \(name.value)").inserted {
        reader.conclude(Diagnostic("the \(what) \(name.value) is used twice", at: name.location))
      }
      return name.value
    }
    arrays = reader.keys.map { array in
      let section = reader.section(Keys.array.named(array))
      let name = section[Keys.row]
      let row = name.value == Self.ground ? nil : Terminal(unique(name, "terminal"))
      let sites = section.list(Keys.columns).map { column in
        let device = unique(column[Keys.device], "device")
        if let identity = DeviceIdentity.read(column) {
          if let other = known.first(where: { $0.value.value == identity.value })?.key {
            column.report(
              Diagnostic(
                "\(other) and \(device) are both \(identity.value.text)", at: identity.location))
          }
          known[device] = identity
        }
        return Site(
          device: device,
          gate: Terminal(unique(column[Keys.gate], "terminal")),
          drain: Terminal(unique(column[Keys.drain], "terminal")), row: row)
      }
      return Array(name: array, row: row, sites: sites)
    }
    identities = known
  }
}

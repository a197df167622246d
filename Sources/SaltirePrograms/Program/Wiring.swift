package import SaltireCore

/// The devices of a bench and their terminals.
///
/// An array is a matrix of devices in rows and columns. Here each array has one row line, connected
/// to the sources of its devices, and each device has its own drain (the read line of its column)
/// and gate (the write line of its column).
public struct Wiring: Sendable, Equatable {
  /// The terminals of one device.
  public struct Site: Sendable, Equatable {
    public var device: String
    public var gate: Terminal
    public var drain: Terminal
    /// Its source; nil if that is wired to ground.
    public var row: Terminal?

    /// The terminal that measures its current: its row or, without one, its drain.
    public var meter: Terminal { row ?? drain }

    /// The sign of the measured current for a positive drain voltage.
    public var meterSign: Double { row == nil ? -1 : 1 }
  }

  /// Devices that share a row.
  public struct Array: Sendable, Equatable {
    public var name: String
    /// Nil if the sources are wired to ground.
    public var row: Terminal?
    public var sites: [Site]
  }

  public var arrays: [Array]
  /// The channels behind the terminals; empty without instruments.
  package var ratings: [Terminal: ChannelRating] = [:]

  /// The name of a row without an instrument in a bench file.
  private static let ground = "ground"

  /// All devices, array by array.
  public var sites: [Site] { arrays.flatMap(\.sites) }

  /// The device `name`.
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
  /// - Parameter identities: receives the device identities in the file, by name.
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

import SaltireCore

extension CommandNode {
  /// One named parameter of a command that sets several: the frequency in `C1:BSWV
  /// WVTP,SINE,FRQ,1000HZ`.
  public struct Parameter: Sendable, Equatable {
    /// Its name; empty for the parameter without a name.
    public var name: String
    /// The setting, or an action, which has no value; nil for a keyword that only selects what the
    /// following parameters apply to.
    public var role: Role?
    /// The unit after the value in a reply.
    public var unit: String
    /// The settings on which a reply includes it, each with the required values.
    public var conditions: [String: Set<String>]

    init(_ name: String, _ reader: Reader) {
      self.name = name
      unit = reader.text("unit", default: "").value
      let conditions = reader.section("while")
      self.conditions = Dictionary(
        uniqueKeysWithValues: conditions.keys.map {
          ($0, Set(conditions.texts($0).value.map(\.value)))
        })
      if reader.has("setting") {
        role = CommandNode.setting(reader)
      } else if reader.has("action") {
        role = .action(reader.text("action").value)
      }
    }
  }

  /// Its settings with their types.
  public var settings: [(name: String, kind: Kind)] {
    let roles: [Role?]
    if case .parameters(let parameters) = role {
      roles = parameters.map(\.role)
    } else {
      roles = [role]
    }
    return roles.compactMap {
      if case .setting(let name, let kind)? = $0 { (name, kind) } else { nil }
    }
  }
}

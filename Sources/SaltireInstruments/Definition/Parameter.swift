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

    enum Keys {
      static let parameter = SectionKey(
        "NAME", absent: "", "A setting, an `action`, or a word alone.",
        [CommandNode.Keys.action, unit, conditions]
          + CommandNode.Keys.settings)
      static let unit = Key.text("unit", absent: "none", "What stands behind the value.")
      static let conditions = SectionKey(
        "while", absent: "always", "The settings with which it is told.", [meanings])
      static let meanings = Key.texts(
        "SETTING", form: "meaning or list", absent: "", "What the setting must mean.")
    }

    init(_ name: String, _ reader: Reader) {
      self.name = name
      unit = reader.optional(Keys.unit)?.value ?? ""
      let conditions = reader.section(Keys.conditions)
      self.conditions = Dictionary(
        uniqueKeysWithValues: conditions.keys.map {
          ($0, Set(conditions[Keys.meanings.named($0)].value.map(\.value)))
        })
      if reader.has(CommandNode.Keys.settingName) {
        role = CommandNode.setting(reader)
      } else if let action = reader.optional(CommandNode.Keys.action)?.value {
        role = .action(action)
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

import SaltireCore

extension CommandNode {
  /// One of the settings that a command names one after another: the frequency in
  /// `C1:BSWV WVTP,SINE,FRQ,1000HZ`.
  public struct Parameter: Sendable, Equatable {
    /// How it is spelled; empty for the one that stands without a name.
    public var name: String
    /// The setting, or an action, which has no value; nil for a word that only
    /// says what those behind it are about.
    public var role: Role?
    /// What stands behind the value where that is told.
    public var unit: String
    /// The settings without which it is not told, each with what it must mean.
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

  /// The settings that it holds, with what they can be.
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

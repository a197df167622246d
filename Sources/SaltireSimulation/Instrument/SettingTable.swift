public import SaltireInstruments

/// What happens to every setting of a definition's command tree before and while a bench uses it,
/// so that none is as another program or a hand at the front panel left it.
public struct SettingTable: Sendable {
  /// What happens to a setting.
  public enum Treatment: Sendable, Equatable {
    /// Made and read back when the bench is armed.
    case set
    /// Asked and compared, and the run refused if it differs.
    case asked
    /// Made by the commands and engines of a run.
    case made
    /// Nothing, because it cannot matter.
    case indifferent(String)
    /// Nothing, because no bench may use the family.
    case unused
    /// Nothing, though it may matter.
    case open
  }

  /// One setting.
  public struct Row: Sendable {
    public let setting: String
    /// The first command of the tree that sets or tells it.
    public let command: String
    public let treatment: Treatment
  }

  /// In the order of the tree.
  public let rows: [Row]
  /// Reasons for settings that are not in the tree, or that something happens to.
  public let unneeded: [String]

  public init(_ definition: Definition) {
    let commands = Commands(definition)
    let engines = definition.engines
    var treatments: [String: Treatment] = [:]
    func note(_ texts: [String], _ treatment: Treatment) {
      for name in texts.flatMap(commands.settings) where treatments[name] == nil {
        treatments[name] = treatment
      }
    }
    func texts(_ templates: [Template]) -> [String] {
      templates.map { $0.filled(["ch": commands.channel]) }
    }
    note(texts(definition.arm.compactMap(\.set)), .set)
    note(texts(definition.arm.filter { $0.set == nil }.map(\.get)), .asked)
    note(definition.requirements.map(\.question), .asked)
    note(texts(definition.verbs.values.flatMap(\.self)), .made)
    note(texts(engines.list.map { $0.begin + $0.fire + $0.end } ?? []), .made)
    note(texts(engines.triggerOutput?.arm.compactMap(\.set) ?? []), .made)
    note(
      texts(engines.triggerInput.map { $0.listen.values.flatMap(\.self) + $0.ignore } ?? []), .made)
    note(texts(engines.burst?.count ?? []), .made)
    note(texts(engines.waveform.map { $0.load + $0.unload } ?? []), .made)

    var rows: [Row] = []
    var used: Set<String> = []
    var seen: Set<String> = []
    for node in definition.tree {
      for (name, _) in node.settings where seen.insert(name).inserted {
        var treatment = treatments[name] ?? (definition.refusal == nil ? .open : .unused)
        if treatment == .open, let group = Self.group(of: name, in: definition.indifferent) {
          used.insert(group)
          treatment = .indifferent(definition.indifferent[group] ?? "")
        }
        rows.append(Row(setting: name, command: node.notation, treatment: treatment))
      }
    }
    self.rows = rows
    unneeded = definition.indifferent.keys.filter { !used.contains($0) }.sorted()
  }

  /// The number of settings that may matter and that nothing happens to.
  public var openCount: Int { rows.count { $0.treatment == .open } }

  /// The longest name among the reasons that is `name`, or a group that it belongs to.
  private static func group(of name: String, in reasons: [String: String]) -> String? {
    reasons.keys.filter { name == $0 || name.hasPrefix($0 + ".") }.max { $0.count < $1.count }
  }
}

/// Finds what a command sets.
private struct Commands {
  private let index = CommandIndex<CommandNode>()
  private let attributes: [String: CommandNode]
  private let isScript: Bool
  /// The name of a channel in the tree.
  let channel: String

  init(_ definition: Definition) {
    isScript = definition.dialect == .tsp
    channel = isScript ? "smuX" : definition.models.first?.channels.first ?? ""
    attributes = Dictionary(
      definition.tree.map { ($0.notation, $0) }, uniquingKeysWith: { first, _ in first })
    for node in definition.tree {
      if let notation = Notation(node.notation) { index.add(notation, node) }
    }
  }

  func settings(of command: String) -> [String] {
    guard let node = node(of: command) else { return [] }
    if case .assignment(let names, let fixed) = node.role { return names + fixed.keys }
    return node.settings.map(\.name)
  }

  private func node(of command: String) -> CommandNode? {
    let header = command.prefix { !" ?=(".contains($0) }
    if isScript { return attributes[String(header)] }
    var place = index
    for word in header.split(separator: ":") {
      guard let child = place.child(word) else { return nil }
      place = child.index
    }
    return place.value
  }
}

extension Definition {
  /// The meaning of a line in the dialect ``Dialect/lines``: the first tree entry whose text occurs
  /// in it. The empty text occurs in every line.
  public func node(in line: String) -> CommandNode? {
    tree.first { $0.notation.isEmpty || line.contains($0.notation) }
  }

  /// Whether a command has a reply.
  public func answers(_ command: String) -> Bool {
    guard dialect == .lines else { return Self.isQuestion(command) }
    switch node(in: command)?.role {
    case .query, .reply: return true
    default: return false
    }
  }

  /// The same for an unknown family.
  public static func isQuestion(_ command: String) -> Bool {
    command.contains("?") || command.contains("print")
  }
}

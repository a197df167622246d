extension Definition {
  /// What a line is for in the dialect ``Dialect/lines``: the first of the tree
  /// whose text is anywhere in it. The empty text is in every line.
  public func node(in line: String) -> CommandNode? {
    tree.first { $0.notation.isEmpty || line.contains($0.notation) }
  }

  /// Whether a command has an answer to wait for.
  public func answers(_ command: String) -> Bool {
    guard dialect == .lines else { return Self.isQuestion(command) }
    switch node(in: command)?.role {
    case .query, .reply: return true
    default: return false
    }
  }

  /// The same where the family is not known.
  public static func isQuestion(_ command: String) -> Bool {
    command.contains("?") || command.contains("print")
  }
}

/// A command with placeholders: `{ch}.source.levelv = {level}`.
public struct Template: Sendable, Equatable {
  private enum Part: Sendable, Equatable {
    case literal(String)
    case argument(String)
  }

  private let parts: [Part]
  /// The text in the definition.
  public let text: String

  init(_ text: String) {
    self.text = text
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
      parts.append(.argument(String(rest[rest.index(after: open)..<close])))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.literal(String(rest))) }
    self.parts = parts
  }

  /// The names of its placeholders.
  var arguments: [String] {
    parts.compactMap { if case .argument(let name) = $0 { name } else { nil } }
  }

  /// The command with the values filled in; a placeholder without a value is kept.
  public func filled(_ values: [String: String]) -> String {
    var filled = ""
    for part in parts {
      switch part {
      case .literal(let text): filled += text
      case .argument(let name): filled += values[name] ?? "{\(name)}"
      }
    }
    return filled
  }
}

internal import Foundation
internal import Yams

/// A YAML text with the positions of everything in it.
///
/// Only YAML's structure is used. A scalar stays the text that the user
/// wrote, so none of YAML 1.1's typing applies: `on` is the word "on" and
/// `1:30` is not ninety.
public struct Document: Sendable {
  /// The file as the user named it.
  public let name: String
  public let text: String
  let root: Tree

  /// Reads `text`; `name` is what messages call it.
  ///
  /// - Throws: ``Diagnostics`` with the line of the first thing that is not
  ///   YAML, of a key that stands twice, or where the whole is not a mapping.
  public init(name: String, text: String) throws(Diagnostics) {
    self.name = name
    self.text = text
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(
      String.init)
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw Diagnostics(Self.diagnostic(error, name: name, lines: lines))
    }
    let start = SourceLocation(file: name, line: 1, column: 1, excerpt: lines.first ?? "")
    guard let node else {
      throw Diagnostics(Diagnostic("\(name) is empty", at: start))
    }
    root = Tree(node, name: name, lines: lines)
    guard case .mapping = root.content else {
      throw Diagnostics(
        Diagnostic(
          "expected keys and values at the top", at: root.location ?? start,
          hints: ["begin with a line such as 'experiment: crossed-swords'"]))
    }
  }

  private static func diagnostic(_ error: any Error, name: String, lines: [String]) -> Diagnostic {
    func place(_ mark: Mark?) -> SourceLocation {
      // The scanner's mark may stand behind the last line.
      let line = min(max(mark?.line ?? 1, 1), max(lines.count, 1))
      let excerpt = line <= lines.count ? lines[line - 1] : ""
      return SourceLocation(
        file: name, line: line, column: min(max(mark?.column ?? 1, 1), excerpt.count + 1),
        excerpt: excerpt)
    }
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return Diagnostic("not YAML: \(problem)", at: place(mark))
    case .duplicatedKeysInMapping(let duplicates, let context):
      let keys = duplicates.map { "'\($0)'" }.sorted().joined(separator: ", ")
      return Diagnostic("the key \(keys) stands twice", at: place(context.mark))
    default:
      return Diagnostic("not YAML: \(error)", at: place(nil))
    }
  }
}

/// A YAML node cut down to what is read: text, lists and mappings with places.
struct Tree: Sendable {
  enum Content: Sendable {
    case scalar(String)
    case list([Tree])
    case mapping([(key: Tree, value: Tree)])
  }

  var content: Content
  var location: SourceLocation?

  var scalar: String? {
    if case .scalar(let text) = content { text } else { nil }
  }

  /// "a list", "keys and values", … for messages.
  var kind: String {
    switch content {
    case .scalar(let text): text.isEmpty ? "nothing" : "'\(text)'"
    case .list: "a list"
    case .mapping: "keys and values"
    }
  }

  init(content: Content, location: SourceLocation?) {
    self.content = content
    self.location = location
  }

  init(_ node: Node, name: String, lines: [String]) {
    location = node.mark.map { mark in
      let excerpt = mark.line >= 1 && mark.line <= lines.count ? lines[mark.line - 1] : ""
      let length = node.scalar.map { max($0.string.count, 1) } ?? 1
      let rest = max(excerpt.count - mark.column + 1, 1)
      return SourceLocation(
        file: name, line: mark.line, column: mark.column, length: min(length, rest),
        excerpt: excerpt)
    }
    switch node {
    case .scalar(let scalar): content = .scalar(scalar.string)
    case .alias: content = .scalar("")
    case .sequence(let nodes):
      content = .list(nodes.map { Tree($0, name: name, lines: lines) })
    case .mapping(let pairs):
      content = .mapping(
        pairs.map {
          (Tree($0.key, name: name, lines: lines), Tree($0.value, name: name, lines: lines))
        })
    }
  }
}

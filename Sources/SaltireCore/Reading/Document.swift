/// A YAML text with the positions of everything in it.
///
/// Only YAML's structure is used. A scalar stays the text that the user
/// wrote, so none of YAML 1.1's typing applies: `on` is the word "on" and
/// `1:30` is not ninety.
public struct Document: Sendable {
  /// The file as the user named it.
  public let name: String
  public let text: String

  /// Bytes; a longer one is refused.
  public static let longest = TreeComposer.Limit.text

  let root: Tree

  /// Reads `text`; `name` is what messages call it.
  ///
  /// - Throws: ``Diagnostics`` with the line of the first thing that is not
  ///   YAML, of a key that is used twice, of what is beyond the limits of size, or where
  ///   the whole is not a mapping.
  public init(name: String, text: String) throws(Diagnostics) {
    self.name = name
    self.text = text
    let lines = SourceLines(text)
    let start = lines.start(in: name)
    guard text.utf8.count <= TreeComposer.Limit.text else {
      throw Diagnostics(
        Diagnostic("\(name) is longer than \(TreeComposer.Limit.text >> 20) MiB", at: start))
    }
    guard let root = try TreeComposer(name: name, text: text, lines: lines).root() else {
      throw Diagnostics(Diagnostic("\(name) is empty", at: start))
    }
    self.root = root
    guard case .mapping = root.content else {
      throw Diagnostics(
        Diagnostic(
          "expected keys and values at the top", at: root.location ?? start,
          hints: ["begin with a line such as 'experiment: crossed-swords'"]))
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
  /// Where it is in the text, in Unicode scalars: a scalar's whole, the beginning of others. Nil
  /// for what stands in no text.
  var span: Range<Int>?

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

  init(content: Content, location: SourceLocation?, span: Range<Int>? = nil) {
    self.content = content
    self.location = location
    self.span = span
  }
}

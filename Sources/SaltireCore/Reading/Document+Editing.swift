import Yams

extension Document {
  /// This document as YAML with other texts at some paths of keys, which are added where they do
  /// not exist.
  ///
  /// Everything else stays as the user wrote it, with its comments, except in documents that cannot
  /// be edited in place (such as those where an alias stands for the section): these are written
  /// anew.
  ///
  /// - Throws: if the text cannot be written as YAML.
  public func text(setting texts: [(path: [String], text: String)]) throws -> String {
    var document = self
    for (path, text) in texts { document = try document.setting(text, at: path) }
    return document.text
  }

  private func setting(_ value: String, at path: [String]) throws -> Document {
    let expected = root.setting(value, at: path[...])
    if let text = edited(value, at: path),
      let document = try? Document(name: name, text: text), document.root.isLike(expected)
    {
      return document
    }
    // Lines are not folded: messages show each as a whole.
    return try Document(
      name: name, text: Yams.serialize(node: expected.node, width: -1, allowUnicode: true))
  }

  /// The text with the value in its place; nil if there is no such place.
  private func edited(_ value: String, at path: [String]) -> String? {
    var scalars = Array(text.unicodeScalars)
    var tree = root
    for (depth, key) in path.enumerated() {
      guard case .mapping(let pairs) = tree.content, let first = pairs.first?.key.span,
        let start = tree.span?.lowerBound
      else { return nil }
      if let known = pairs.first(where: { $0.key.scalar == key }) {
        tree = known.value
        continue
      }
      let entry = Self.entry(value, at: path[depth...])
      let isFlow = scalars[start] == "{"
      let place: Int
      let addition: String
      if depth == 0, !isFlow {
        place = scalars.count
        addition = "\(scalars.last == "\n" ? "" : "\n")\(entry)\n"
      } else if let end = pairs.first(where: { $0.value.scalar != nil })?.value.span?.upperBound {
        place = isFlow ? end : scalars[end...].firstIndex(of: "\n") ?? scalars.count
        let lineStart = scalars[..<first.lowerBound].lastIndex(of: "\n").map { $0 + 1 } ?? 0
        let indent = String(repeating: " ", count: first.lowerBound - lineStart)
        addition = isFlow ? ", \(entry)" : "\n\(indent)\(entry)"
      } else {
        return nil
      }
      scalars.insert(contentsOf: addition.unicodeScalars, at: place)
      return String(String.UnicodeScalarView(scalars))
    }
    guard tree.scalar != nil, let span = tree.span else { return nil }
    let space = span.isEmpty ? " " : ""
    scalars.replaceSubrange(span, with: "\(space)\(Self.quoted(value))".unicodeScalars)
    return String(String.UnicodeScalarView(scalars))
  }

  /// A key and its value as they stand in braces and outside.
  private static func entry(_ value: String, at path: ArraySlice<String>) -> String {
    guard let key = path.first else { return quoted(value) }
    let isWord = key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    let rest = entry(value, at: path.dropFirst())
    return "\(isWord ? key : quoted(key)): \(path.count > 1 ? "{ \(rest) }" : rest)"
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.map { "\\\"".contains($0) ? "\\\($0)" : String($0) }.joined()
    return "\"\(escaped)\""
  }
}

extension Tree {
  /// This tree with another text at a path of keys.
  fileprivate func setting(_ text: String, at path: ArraySlice<String>) -> Tree {
    guard let key = path.first else { return Tree(content: .scalar(text), location: nil) }
    let empty = Tree(content: .mapping([]), location: nil)
    guard case .mapping(var pairs) = content else {
      return empty.setting(text, at: path)
    }
    let place = pairs.firstIndex { $0.key.scalar == key } ?? pairs.endIndex
    if place == pairs.endIndex {
      pairs.append((Tree(content: .scalar(key), location: nil), empty))
    }
    pairs[place].value = pairs[place].value.setting(text, at: path.dropFirst())
    return Tree(content: .mapping(pairs), location: location)
  }

  /// Whether both say the same, with keys in any order.
  fileprivate func isLike(_ other: Tree) -> Bool {
    switch (content, other.content) {
    case (.scalar(let one), .scalar(let two)): one == two
    case (.list(let one), .list(let two)):
      one.count == two.count && zip(one, two).allSatisfy { $0.isLike($1) }
    case (.mapping(let one), .mapping(let two)):
      one.count == two.count
        && one.allSatisfy { pair in
          two.contains { $0.key.scalar == pair.key.scalar && $0.value.isLike(pair.value) }
        }
    default: false
    }
  }

  /// For Yams. Texts keep their quotes: to YAML, a plain 012 would be a number.
  fileprivate var node: Node {
    switch content {
    case .scalar(let text): Node(text, .implicit, .doubleQuoted)
    case .list(let items): Node(items.map(\.node))
    case .mapping(let pairs): Node(pairs.map { ($0.key.node, $0.value.node) })
    }
  }
}

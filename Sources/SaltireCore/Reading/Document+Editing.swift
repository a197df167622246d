import Yams

extension Document {
  /// This document as YAML with other texts at some paths of keys, which are made where
  /// they are not there. Comments are not kept.
  ///
  /// - Throws: where the text cannot be written as YAML.
  public func text(setting texts: [(path: [String], text: String)]) throws -> String {
    var root = try Yams.compose(yaml: text) ?? Node([(Node, Node)]())
    for (path, text) in texts { root.set(text, at: path[...]) }
    // Lines are not folded: each is shown whole in a message about it.
    return try Yams.serialize(node: root, width: -1, allowUnicode: true)
  }
}

extension Node {
  fileprivate mutating func set(_ text: String, at path: ArraySlice<String>) {
    guard let key = path.first else { return self = Node(text, .implicit, .doubleQuoted) }
    var pairs = mapping.map { Array($0) } ?? []
    // Keys are compared as they are written: to YAML a quoted number is no number.
    let place = pairs.firstIndex { $0.key.scalar?.string == key } ?? pairs.endIndex
    if place == pairs.endIndex { pairs.append((Node(key), Node([(Node, Node)]()))) }
    pairs[place].value.set(text, at: path.dropFirst())
    self = Node(pairs.map { ($0.key, $0.value) }, .implicit, mapping?.style ?? .any)
  }
}

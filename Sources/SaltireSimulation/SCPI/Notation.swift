/// A command's name in the notation of manuals: capitals are the short form, brackets mark optional
/// parts, `[1|2]` after a word lists its suffixes.
///
/// `[:SOURce[1|2]]:VOLTage[:LEVel]`, and Keysight's `[SOURce[1|2]:]VOLTage`; the short form of
/// Siglent's `C[1|2]:BaSic_WaVe` is BSWV.
struct Notation: Equatable {
  struct Word: Equatable {
    var short: String
    var long: String
    var isOptional: Bool
    var takesSuffix: Bool
  }

  var words: [Word]

  /// Nil if the text is not in this notation.
  init?(_ text: String) {
    words = []
    var depth = 0
    var name = ""
    var wordDepth = 0
    var takesSuffix = false
    func isSuffix(_ rest: Substring) -> Bool {
      guard let close = rest.firstIndex(of: "]") else { return false }
      let inside = rest[..<close]
      return !inside.isEmpty && inside.allSatisfy { $0.isNumber || $0 == "|" }
    }
    func end() -> Word? {
      defer {
        name = ""
        takesSuffix = false
      }
      let short = name.filter { !$0.isLowercase && $0 != "_" }
      guard !short.isEmpty else { return nil }
      return Word(
        short: short, long: name.uppercased(), isOptional: wordDepth > 0, takesSuffix: takesSuffix)
    }
    var rest = text[...]
    while let character = rest.first {
      rest = rest.dropFirst()
      switch character {
      case "[" where !name.isEmpty && isSuffix(rest):
        takesSuffix = true
        rest = rest[rest.firstIndex(of: "]")!...].dropFirst()
      case "[":
        if let word = end() { words.append(word) }
        depth += 1
      case "]":
        if let word = end() { words.append(word) }
        depth -= 1
        guard depth >= 0 else { return nil }
      case ":":
        if let word = end() { words.append(word) }
      case let letter where letter.isLetter || letter.isNumber || letter == "_" || letter == "*":
        if name.isEmpty { wordDepth = depth }
        name.append(letter)
      default: return nil
      }
    }
    if let word = end() { words.append(word) }
    guard depth == 0, words.contains(where: { !$0.isOptional }) else { return nil }
  }
}

/// A tree of commands, searchable by any legal form.
final class CommandIndex<Value> {
  private var children: [String: CommandIndex] = [:]
  private(set) var value: Value?
  private var takesSuffix = false

  init() {}

  /// Adds `value` under all forms of `notation`.
  func add(_ notation: Notation, _ value: Value) {
    add(notation.words[...], value)
  }

  private func add(_ words: ArraySlice<Notation.Word>, _ value: Value) {
    guard let word = words.first else {
      // If the short forms of two commands are equal, the first wins.
      if self.value == nil { self.value = value }
      return
    }
    let rest = words.dropFirst()
    let child = children[word.short] ?? children[word.long] ?? CommandIndex()
    children[word.short] = child
    children[word.long] = child
    if word.takesSuffix { child.takesSuffix = true }
    child.add(rest, value)
    if word.isOptional { add(rest, value) }
  }

  /// The child named by a word of a message, with its numeric suffix.
  func child(_ word: Substring) -> (index: CommandIndex, suffix: Int?)? {
    let name = word.uppercased()
    if let child = children[name] { return (child, nil) }
    guard let last = name.lastIndex(where: { !$0.isNumber }) else { return nil }
    let digits = name[name.index(after: last)...]
    guard let suffix = Int(digits), let child = children[String(name[...last])],
      child.takesSuffix
    else { return nil }
    return (child, suffix)
  }
}

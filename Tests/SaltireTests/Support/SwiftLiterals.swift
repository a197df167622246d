/// The string literals of a Swift source, in its order.
///
/// Literals that `+` joins are one text. An interpolation is shown as `\(…)`; a literal inside
/// it follows as a text of its own. Comments and raw strings are skipped.
struct SwiftLiterals {
  private let source: [Character]
  private var place = 0
  private(set) var texts: [String] = []

  init(_ source: String) {
    self.source = Array(source)
    // The last literal: where its text is, and where it ends.
    var last: (text: Int, end: Int)?
    while place < self.source.count {
      if starts("//") {
        skip(to: "\n")
      } else if starts("#\"\"\"") {
        skip(to: "\"\"\"#")
      } else if starts("#\"") {
        skip(to: "\"#")
      } else if starts("\"") {
        let between = last.map { self.source[$0.end..<place].filter { !$0.isWhitespace } }
        let text = between == ["+"] ? last!.text : texts.count
        literal(text)
        last = (text, place)
      } else {
        place += 1
      }
    }
  }

  private func starts(_ word: String) -> Bool { source[place...].starts(with: word) }

  /// Moves behind the next `word`.
  private mutating func skip(to word: String) {
    place += word.count
    while place < source.count, !starts(word) { place += 1 }
    place += word.count
  }

  /// Adds the literal that begins here to the text at `index`, which may be a new one.
  private mutating func literal(_ index: Int) {
    if index == texts.count { texts.append("") }
    let quote = starts("\"\"\"") ? "\"\"\"" : "\""
    var text = ""
    place += quote.count
    while place < source.count, !starts(quote) {
      if starts("\\(") {
        text += "\\(…)"
        interpolation()
      } else if starts("\\\n") {
        place += 2
        while starts(" ") { place += 1 }
      } else {
        let count = starts("\\") ? 2 : 1
        text += String(source[place...].prefix(count))
        place += count
      }
    }
    place += quote.count
    texts[index] += text
  }

  /// Moves from a backslash to behind its closing parenthesis.
  private mutating func interpolation() {
    place += 1
    var depth = 0
    repeat {
      switch source[place] {
      case "\"":
        literal(texts.count)
        continue
      case "(": depth += 1
      case ")": depth -= 1
      default: break
      }
      place += 1
    } while depth > 0 && place < source.count
  }
}

import SaltireCore

/// Parses an ``ExchangeFile`` line by line.
struct ExchangeParser {
  private let name: String
  private var number = 0
  private var excerpt = ""
  private var citation: ExchangeFile.Citation?
  private var conversations: [ExchangeFile.Conversation] = []
  /// A verb without exchanges so far.
  private var pending: SourceLocation?
  private var faults: [Diagnostic] = []

  init(name: String) { self.name = name }

  mutating func take(_ line: Substring) {
    number += 1
    excerpt = String(line)
    switch line.first {
    case nil, "#": break
    case "[": cite(line)
    case ">": request(line.dropFirst())
    case "<": reply(line.dropFirst())
    default:
      if let rest = Self.rest(of: line, behind: "model") {
        model(rest)
      } else if let rest = Self.rest(of: line, behind: "verb") {
        verb(rest)
      } else if !line.allSatisfy(\.isWhitespace) {
        report(
          "this line is not recognised", hints: ["a line must begin with model, [, verb, >, < or #"]
        )
      }
    }
  }

  /// The parsed conversations.
  mutating func finish() throws(Diagnostics) -> [ExchangeFile.Conversation] {
    endVerb()
    if conversations.isEmpty, faults.isEmpty {
      faults.append(Diagnostic("\(name) contains no exchanges"))
    }
    if !faults.isEmpty { throw Diagnostics(faults) }
    return conversations
  }

  // MARK: Lines

  private mutating func model(_ rest: Substring) {
    endVerb()
    citation = nil
    guard !rest.isEmpty, !rest.contains(" ") else {
      report("expected the name of one model", hints: ["model 2400"])
      return
    }
    conversations.append(.init(model: Located(String(rest), at: place), items: []))
  }

  private mutating func cite(_ line: Substring) {
    let line = line.trimming(\.isWhitespace)
    guard line.hasSuffix("]"), let comma = line.firstIndex(of: ",") else {
      report("expected a document and a place in it", hints: ["[2400S-900-01, 18-68]"])
      return
    }
    let document = line[line.index(after: line.startIndex)..<comma].trimming(\.isWhitespace)
    var rest = line[line.index(after: comma)...].dropLast().trimming(\.isWhitespace)
    var basis = ExchangeFile.Basis.printed
    if let colon = rest.firstIndex(of: ":"), rest[..<colon].allSatisfy(\.isLetter) {
      let word = String(rest[..<colon])
      guard let found = ExchangeFile.Basis(rawValue: word) else {
        let words = ExchangeFile.Basis.allCases.map(\.rawValue)
        report(
          "'\(word)' is not a kind of evidence",
          hints: [
            suggestion(for: word, among: words).map { "did you mean '\($0)'?" }
              ?? words.joined(separator: ", ")
          ])
        return
      }
      basis = found
      rest = rest[rest.index(after: colon)...].trimming(\.isWhitespace)
    }
    guard !document.isEmpty, !rest.isEmpty else {
      report("expected a document and a place in it", hints: ["[2400S-900-01, 18-68]"])
      return
    }
    citation = .init(document: document, basis: basis, place: rest)
  }

  private mutating func verb(_ rest: Substring) {
    endVerb()
    let words = rest.split(separator: " ")
    guard let name = words.first, !name.contains("=") else {
      report("expected the name of a verb", hints: ["verb level ch=smua level=1.5"])
      return
    }
    var values: [String: String] = [:]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        report("'\(word)' is not a value", hints: ["ch=smua"])
        return
      }
      guard values.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
        report("'\(parts[0])' is used twice")
        return
      }
    }
    guard hasModel() else { return }
    pending = place
    add(.verb(.init(name: String(name), values: values, location: place)))
  }

  private mutating func request(_ rest: Substring) {
    let request = Self.content(rest)
    guard !request.allSatisfy(\.isWhitespace) else {
      report("expected a request")
      return
    }
    guard hasModel() else { return }
    guard let citation else {
      report("this exchange has no source", hints: ["[2400S-900-01, 18-68]"])
      return
    }
    pending = nil
    add(
      .exchange(
        .init(request: request, replies: [], citation: citation, location: place)))
  }

  private mutating func reply(_ rest: Substring) {
    let isApproximate = rest.first == "~"
    let text = Self.content(isApproximate ? rest.dropFirst() : rest)
    guard let last = conversations.indices.last,
      case .exchange(var exchange)? = conversations[last].items.last
    else {
      report("a reply needs a request before it")
      return
    }
    exchange.replies.append(
      .init(text: Self.unescaped(text), isApproximate: isApproximate))
    conversations[last].items[conversations[last].items.count - 1] = .exchange(exchange)
  }

  // MARK: Inside

  private var place: SourceLocation {
    SourceLocation(
      file: name, line: number, column: 1, length: max(excerpt.count, 1), excerpt: excerpt)
  }

  private mutating func report(_ message: String, hints: [String] = []) {
    faults.append(Diagnostic(message, at: place, hints: hints))
  }

  private mutating func hasModel() -> Bool {
    if conversations.isEmpty { report("no model is named before this line", hints: ["model 2400"]) }
    return !conversations.isEmpty
  }

  private mutating func endVerb() {
    if let pending { faults.append(Diagnostic("this verb has no exchanges", at: pending)) }
    pending = nil
  }

  private mutating func add(_ item: ExchangeFile.Item) {
    conversations[conversations.count - 1].items.append(item)
  }

  /// The rest of the line after a keyword and spaces; nil for another keyword.
  private static func rest(of line: Substring, behind keyword: String) -> Substring? {
    guard line.hasPrefix(keyword) else { return nil }
    let rest = line.dropFirst(keyword.count)
    guard rest.first.map(\.isWhitespace) ?? true else { return nil }
    return rest.trimming(\.isWhitespace)[...]
  }

  /// The text after `>` or `<` and one space.
  private static func content(_ rest: Substring) -> String {
    String(rest.first == " " ? rest.dropFirst() : rest)
  }

  /// Replaces `\t` by tabs.
  private static func unescaped(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let backslash = rest.firstIndex(of: "\\") {
      let next = rest.index(after: backslash)
      let isTab = next < rest.endIndex && rest[next] == "t"
      result += rest[..<backslash] + (isTab ? "\t" : "\\")
      rest = rest[(isTab ? rest.index(after: next) : next)...]
    }
    return result + rest
  }
}

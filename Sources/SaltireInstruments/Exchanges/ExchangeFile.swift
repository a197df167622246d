public import SaltireCore

/// What instruments of a family answer, line by line, with the page that says
/// so: the evidence behind a definition, and the test of its simulation.
///
/// A file of lines, each known by how it begins:
///
///     # A comment; empty lines are none either.
///     model 2400
///     [2400S-900-01, 18-68]
///     verb tripped ch=1
///     > :SENS:CURR:PROT:TRIP?
///     < 0
///
/// * `model NAME` switches on a fresh instrument of that model. All lines up
///   to the next are one conversation with it.
/// * `[DOCUMENT, PLACE]` is where a manual has what follows, up to the next.
///   `[DOCUMENT, reported: PLACE]` and the other words of ``Basis`` say how
///   far it is from being read there.
/// * `> REQUEST` is one message without its terminator.
/// * `< REPLY` is a message that comes back; `\t` in it is a tab, `{serial}`
///   any text. A request without replies must be answered by nothing.
/// * `<~ REPLY` is one whose numbers may differ by a part in a thousand.
/// * `verb NAME KEY=VALUE …`: the requests that follow are what Saltire says
///   for the verb or question of that name in the definition, or, for `arm`,
///   for each of its settings and the question after it.
public struct ExchangeFile: Sendable {
  /// The source of a statement, and its reliability.
  public struct Citation: Sendable, Hashable {
    public var document: String
    public var basis: Basis
    public var place: String
  }

  /// How an exchange is known.
  public enum Basis: String, Sendable, CaseIterable {
    /// Read in the document.
    case printed
    /// Quoted by others from the document, or reported from an instrument.
    case reported
    /// Read in the document of a related family.
    case sister
    /// Inferred from what was read.
    case inferred
    /// From memory, without a source.
    case unverified
  }

  /// A reply in the file.
  public struct Reply: Sendable, Equatable {
    public var text: String
    /// Numbers may differ by one part in a thousand.
    public var isApproximate: Bool

    public init(text: String, isApproximate: Bool) {
      self.text = text
      self.isApproximate = isApproximate
    }
  }

  /// A request and all its replies.
  public struct Exchange: Sendable {
    public var request: String
    public var replies: [Reply]
    public var citation: Citation
    public var location: SourceLocation
  }

  /// A verb whose commands the definition must produce.
  public struct Verb: Sendable {
    public var name: String
    public var values: [String: String]
    public var location: SourceLocation
  }

  public enum Item: Sendable {
    case verb(Verb)
    case exchange(Exchange)
  }

  /// One conversation with a fresh instrument.
  public struct Conversation: Sendable {
    public var model: Located<String>
    public var items: [Item]

    /// Its exchanges, in order.
    public var exchanges: [Exchange] {
      items.compactMap { if case .exchange(let exchange) = $0 { exchange } else { nil } }
    }

    /// Each verb with its exchanges, which begin with the commands of the verb.
    public var spoken: [(verb: Verb, exchanges: [Exchange])] {
      var spoken: [(verb: Verb, exchanges: [Exchange])] = []
      for item in items {
        switch item {
        case .verb(let verb): spoken.append((verb, []))
        case .exchange(let exchange):
          if !spoken.isEmpty { spoken[spoken.count - 1].exchanges.append(exchange) }
        }
      }
      return spoken
    }
  }

  public var conversations: [Conversation]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - name: its name in messages.
  ///   - text: its contents.
  /// - Throws: `Diagnostics` with every faulty line: unknown, without a citation or a model before
  ///   it, or a reply without a request.
  public init(name: String, text: String) throws(Diagnostics) {
    var parser = ExchangeParser(name: name)
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      parser.take(line)
    }
    conversations = try parser.finish()
  }
}

extension ExchangeFile.Reply {
  /// Whether `line`, without its terminator, matches this reply.
  public func matches(_ line: String) -> Bool {
    guard isApproximate else { return Self.fits(line[...], text[...]) }
    let wanted = Self.fields(text)
    let found = Self.fields(line)
    guard wanted.count == found.count else { return false }
    return zip(wanted, found).allSatisfy { wanted, found in
      if Self.fits(found, wanted) { return true }
      // Manuals print overflows differently; all are equal.
      guard let wanted = Double(wanted), let found = Double(found), found.isFinite else {
        return false
      }
      return abs(wanted - found) <= 1e-3 * max(abs(wanted), abs(found)) + 1e-15
    }
  }

  private static func fields(_ text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { ",;\t".contains($0) }
  }

  /// Whether `text` matches `pattern`, whose braces match anything.
  private static func fits(_ text: Substring, _ pattern: Substring) -> Bool {
    var pieces: [Substring] = []
    var rest = pattern
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      pieces.append(rest[..<open])
      rest = rest[rest.index(after: close)...]
    }
    guard let first = pieces.first else { return text == pattern }
    guard text.hasPrefix(first) else { return false }
    var text = text.dropFirst(first.count)
    for piece in pieces.dropFirst() where !piece.isEmpty {
      guard let range = text.firstRange(of: piece) else { return false }
      text = text[range.upperBound...]
    }
    return text.hasSuffix(rest)
  }
}

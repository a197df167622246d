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
  /// Where something is said, and how firmly.
  public struct Citation: Sendable, Hashable {
    public var document: String
    public var basis: Basis
    public var place: String
  }

  /// How an exchange is known.
  public enum Basis: String, Sendable, CaseIterable {
    /// Read in the document.
    case printed
    /// Others quote the document, or show what an instrument answered.
    case reported
    /// Read in the document of a related family.
    case sister
    /// Follows from what was read.
    case inferred
    /// Found nowhere; how it is remembered.
    case unverified
  }

  /// A reply as the file has it.
  public struct Reply: Sendable, Equatable {
    public var text: String
    /// Numbers may differ by a part in a thousand.
    public var isApproximate: Bool

    public init(text: String, isApproximate: Bool) {
      self.text = text
      self.isApproximate = isApproximate
    }
  }

  /// A request and all that comes back.
  public struct Exchange: Sendable {
    public var request: String
    public var replies: [Reply]
    public var citation: Citation
    public var location: SourceLocation
  }

  /// What the definition is to say.
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

    /// Each verb with the exchanges up to the next, which begin with what the
    /// verb says.
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
  ///   - name: what messages call it.
  ///   - text: what it holds.
  /// - Throws: `Diagnostics` with every line that is wrong: unknown, without a
  ///   citation or a model before it, or a reply without a request.
  public init(name: String, text: String) throws(Diagnostics) {
    var parser = ExchangeParser(name: name)
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      parser.take(line)
    }
    conversations = try parser.finish()
  }
}

extension ExchangeFile.Reply {
  /// Whether `line`, without its terminator, is this reply.
  public func matches(_ line: String) -> Bool {
    guard isApproximate else { return Self.fits(line[...], text[...]) }
    let wanted = Self.fields(text)
    let found = Self.fields(line)
    guard wanted.count == found.count else { return false }
    return zip(wanted, found).allSatisfy { wanted, found in
      if Self.fits(found, wanted) { return true }
      // An overflow as one manual prints it is the same as another prints it.
      guard let wanted = Double(wanted), let found = Double(found), found.isFinite else {
        return false
      }
      return abs(wanted - found) <= 1e-3 * max(abs(wanted), abs(found)) + 1e-15
    }
  }

  private static func fields(_ text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { ",;\t".contains($0) }
  }

  /// Whether `pattern` with its places in braces filled somehow is `text`.
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

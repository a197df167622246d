import SaltireCore
public import SaltireLinks

/// Something that an instrument put into its error queue.
public struct ErrorReport: Sendable, Equatable, CustomStringConvertible {
  /// Negative numbers are those of SCPI-99, chapter 21; positive ones the
  /// instrument's own.
  public var code: Int
  public var text: String

  public init(code: Int, text: String) {
    self.code = code
    self.text = text
  }

  /// Reads the reply to SCPI's `SYSTem:ERRor?`: `-113,"Undefined header"`.
  init?(scpi reply: String) {
    guard let comma = reply.firstIndex(of: ",") else { return nil }
    let number = reply[..<comma].trimming { $0.isWhitespace }
    let text = reply[reply.index(after: comma)...].trimming { $0.isWhitespace }
    guard let code = Int(number.hasPrefix("+") ? String(number.dropFirst()) : number),
      text.hasPrefix("\""), text.hasSuffix("\""), text.count >= 2
    else { return nil }
    self.init(code: code, text: String(text.dropFirst().dropLast()))
  }

  /// Reads what TSP's `print(errorqueue.next())` prints: code, text, severity
  /// and node behind tabs.
  init?(tsp reply: String) {
    let fields = reply.split(separator: "\t", omittingEmptySubsequences: false)
    guard let number = fields.first.flatMap({ ReadBack.value($0) }),
      let code = Int(exactly: number), let text = fields.element(at: 1)
    else { return nil }
    self.init(code: code, text: String(text))
  }

  public var description: String { "\(code), \(text)" }
}

extension [ErrorReport] {
  /// Its kinds in the order of their first entries, each with its first text and how many
  /// there are: a queue that was left full says one thing a hundred times.
  public var summary: String {
    var counts: [Int: Int] = [:]
    for report in self { counts[report.code, default: 0] += 1 }
    return compactMap { report in
      guard let count = counts.removeValue(forKey: report.code) else { return nil }
      return count == 1 ? report.description : "\(report) (\(count) times)"
    }.joined(separator: "; ")
  }
}

/// Why an instrument did not do what it was asked.
public enum InstrumentError: Error, Equatable, Sendable {
  /// No bytes came through.
  case link(LinkError)
  /// Its reply to `*IDN?` is no identity.
  case unidentified(reply: String)
  /// It is something else than its definition is for.
  case wrongIdentity(Identity, expected: String)
  /// It is set to something that it must be set otherwise for, by hand.
  case unfit(question: String, expected: String, found: String, advice: String)
  /// It is the same instrument as another of the bench.
  case duplicate(Identity, of: String)
  /// Its error queue had entries after a batch.
  case reported([ErrorReport], after: String)
  /// A reply that the question does not have.
  case unexpectedReply(String, to: String)
  /// A setting that was made reads back as something else.
  case mismatch(setting: String, asked: String, found: String)

  /// What happened, in one sentence.
  public var message: String {
    switch self {
    case .link(let error): error.message
    case .unidentified(let reply):
      "it answers *IDN? with \(reply.debugDescription), which is no identity"
    case .wrongIdentity(let identity, let expected):
      "it says it is \(identity), not \(expected)"
    case .unfit(let question, let expected, let found, let advice):
      "it answers '\(question)' with \(found.debugDescription), not \(expected): \(advice)"
    case .duplicate(let identity, let other):
      "it is the same instrument as \(other): \(identity)"
    case .reported(let reports, let batch):
      "it reports \(reports.summary) after '\(batch)'"
    case .unexpectedReply(let reply, let query):
      "it answers '\(query)' with \(reply.debugDescription)"
    case .mismatch(let setting, let asked, let found):
      "'\(setting)' reads back as \(found) where \(asked) was set"
    }
  }
}

import SaltireCore
public import SaltireLinks

/// An entry of an instrument's error queue.
public struct ErrorReport: Sendable, Equatable, CustomStringConvertible {
  /// Negative codes are defined by SCPI-99, chapter 21; positive ones by the instrument.
  public var code: Int
  public var text: String

  public init(code: Int, text: String) {
    self.code = code
    self.text = text
  }

  /// Parses the reply to SCPI's `SYSTem:ERRor?`: `-113,"Undefined header"`.
  init?(scpi reply: String) {
    guard let comma = reply.firstIndex(of: ",") else { return nil }
    let number = reply[..<comma].trimming { $0.isWhitespace }
    let text = reply[reply.index(after: comma)...].trimming { $0.isWhitespace }
    guard let code = Int(number.hasPrefix("+") ? String(number.dropFirst()) : number),
      text.hasPrefix("\""), text.hasSuffix("\""), text.count >= 2
    else { return nil }
    self.init(code: code, text: String(text.dropFirst().dropLast()))
  }

  /// Parses the output of TSP's `print(errorqueue.next())`: code, text, severity and node,
  /// separated by tabs.
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
  /// The distinct errors in order of first occurrence, with their counts: a full queue often
  /// repeats one error a hundred times.
  public var summary: String {
    var counts: [Int: Int] = [:]
    for report in self { counts[report.code, default: 0] += 1 }
    return compactMap { report in
      guard let count = counts.removeValue(forKey: report.code) else { return nil }
      return count == 1 ? report.description : "\(report) (\(count) times)"
    }.joined(separator: "; ")
  }
}

/// An error of an instrument.
public enum InstrumentError: Error, Equatable, Sendable {
  /// What a bench file says of an instrument that only its surroundings decide; named as in `arm`.
  public enum BenchFact: String, CaseIterable, Sendable {
    /// The frequency whose cycles it counts.
    case mains
    /// The terminals in use.
    case side
  }

  /// Communication failed.
  case link(LinkError)
  /// Its reply to `*IDN?` is not an identity.
  case unidentified(reply: String)
  /// Its reply to `*IDN?` does not end with the terminator.
  case unterminated(reply: String, by: UInt8)
  /// It is not the instrument that the bench file names.
  case wrongIdentity(Identity, expected: String)
  /// A setting that must be changed by hand has the wrong value.
  case unfit(question: String, expected: String, found: String, advice: String)
  /// It is the same instrument as another of the bench.
  case duplicate(Identity, of: String)
  /// Its error queue had entries after a batch.
  case reported([ErrorReport], after: String)
  /// A reply that does not fit its query.
  case unexpectedReply(String, to: String)
  /// A setting reads back differently.
  case mismatch(setting: String, asked: String, found: String)
  /// A setting has changed during a run, at most this long ago.
  case moved(setting: String, expected: String, found: String, seconds: Double)
  /// It differs from the bench file in what is not set from here.
  case unlikeBench(BenchFact, asked: String, found: String)

  /// The error as one sentence.
  public var message: String {
    switch self {
    case .link(let error): error.message
    case .unidentified(let reply):
      "its reply to *IDN?, \(reply.debugDescription), is not an identity"
    case .unterminated(let reply, let terminator):
      "its reply to *IDN?, \(reply.debugDescription), does not end with"
        + " \(terminator == LineEnd.cr.byte ? LineEnd.cr.rawValue : LineEnd.lf.rawValue)"
    case .wrongIdentity(let identity, let expected):
      "it identifies itself as \(identity), but \(expected) was expected"
    case .unfit(let question, let expected, let found, let advice):
      "its reply to '\(question)' is \(found.debugDescription), but \(expected) is required:"
        + " \(advice)"
    case .duplicate(let identity, let other):
      "it is the same instrument as \(other) (\(identity))"
    case .reported(let reports, let batch):
      "it reported \(reports.summary) after '\(batch)'"
    case .unexpectedReply(let reply, let query):
      "unexpected reply to '\(query)': \(reply.debugDescription)"
    case .mismatch(let setting, let asked, let found):
      "'\(setting)' reads back as \(found), but was set to \(asked)"
    case .moved(let setting, let expected, let found, let seconds):
      "'\(setting)' is now \(found) instead of \(expected): it changed during the last"
        + " \(Quantity(seconds, .second).formatted(digits: 2)) of the run, and the readings since then may be wrong"
    case .unlikeBench(.mains, let asked, let found):
      "it counts mains cycles of \(Self.hertz(found)); the bench file says \(Self.hertz(asked))"
    case .unlikeBench(.side, let asked, let found):
      "its \(found) terminals are in use; the bench file says \(asked)"
    }
  }

  private static func hertz(_ text: String) -> String {
    ReadBack.value(text).map { "\(Quantity($0, .hertz))" } ?? text
  }
}

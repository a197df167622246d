import SaltireCore

/// One line of a batch.
public enum Line: Sendable, Hashable {
  /// A command without a reply.
  case command(String)
  /// A query with one value as reply. In TSP an expression.
  case query(String)

  /// Whether it has a reply.
  public var isQuery: Bool { if case .query = self { true } else { false } }
}

/// Composes a batch into messages and parses the replies, for one dialect.
///
/// Every batch ends with an error-queue query in a separate message: an instrument aborts a batch
/// that fails, but not the query after it. Its reply also confirms that all commands before it are
/// complete, which keeps the order across instruments.
struct Dialogue {
  let dialect: Definition.Dialect

  /// The messages of a batch, without terminators.
  func messages(_ lines: [Line]) -> [String] {
    let body = lines.map { line in
      switch line {
      case .command(let text): text
      case .query(let text): question(text)
      }
    }
    let separator = dialect == .tsp ? " " : ";"
    return (body.isEmpty ? [] : [body.joined(separator: separator)]) + [errorQuestion]
  }

  /// The message that queries a value or an expression.
  func question(_ text: String) -> String { dialect == .tsp ? "print(\(text))" : text }

  private var errorQuestion: String {
    dialect == .tsp ? "print(\"errors\", errorqueue.count)" : ":SYST:ERR?"
  }

  /// Queries the next entry of the error queue.
  var nextError: String { dialect == .tsp ? "print(errorqueue.next())" : ":SYST:ERR?" }

  /// The meaning of a received line.
  enum Answer: Equatable {
    /// The reply to the error-queue query: no error, one entry, or more entries to query.
    case clean
    case report(ErrorReport)
    case reports
    /// Any other reply.
    case value(String)
  }

  func answer(_ line: String) -> Answer {
    switch dialect {
    case .scpi, .lines:
      guard let report = ErrorReport(scpi: line) else { return .value(line) }
      return report.code == 0 ? .clean : .report(report)
    case .tsp:
      guard line.hasPrefix("errors\t"), let number = Double(line.dropFirst(7)),
        let count = Int(count: number, upTo: .max)
      else { return .value(line) }
      return count == 0 ? .clean : .reports
    }
  }

  /// Messages that abort whatever the instrument is processing, so that the next line is parsed
  /// from its start: an incomplete line, a script being loaded, a running program.
  ///
  /// - Parameters:
  ///   - abort: the commands that abort a running program.
  ///   - isMessageBased: whether the link transfers only whole messages.
  func ground(_ abort: [String], isMessageBased: Bool) -> [String] {
    switch dialect {
    case .tsp: [Self.spoiler] + abort + ["endscript"]
    case .scpi, .lines: (isMessageBased ? [] : [Self.spoiler]) + abort
    }
  }

  /// A syntax error after any incomplete command, so that a truncated line is not executed: "…=4"
  /// of "…=4e-3" is a different voltage. In a script it prevents execution at its end.
  static let spoiler = ")"

  /// The entry in the reply to ``nextError``; nil if it is not an entry.
  func report(_ line: String) -> ErrorReport? {
    dialect == .tsp ? ErrorReport(tsp: line) : ErrorReport(scpi: line)
  }

  /// The number of lines in the reply to this number of queries in one message.
  func lineCount(answering queries: Int) -> Int { dialect == .tsp ? queries : min(queries, 1) }

  /// The values in the lines before the reply to the error-queue query; nil unless there are
  /// `count` of them.
  func values(_ lines: [String], count: Int) -> [String]? {
    let values = dialect == .tsp ? lines : lines.flatMap(Self.fields)
    return values.count == count ? values : nil
  }

  /// The fields of a SCPI reply, which are separated by semicolons outside quotes (IEEE 488.2,
  /// 8.4.1).
  static func fields(_ line: String) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" { isQuoted.toggle() }
      if character == ";", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}

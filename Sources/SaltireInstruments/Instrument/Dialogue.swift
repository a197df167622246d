import SaltireCore

/// One line of a batch for an instrument.
public enum Line: Sendable, Hashable {
  /// Does something and answers nothing.
  case command(String)
  /// Answers one value. In TSP an expression, in SCPI a query.
  case query(String)

  /// Whether it is answered.
  public var isQuery: Bool { if case .query = self { true } else { false } }
}

/// How a dialect puts a batch into messages and takes the answers apart.
///
/// Every batch ends with a question for the error queue in a message of its
/// own: a batch that fails is cut short by the instrument, the question after
/// it is not. Its answer also says that all before it has been done, which
/// keeps the order between instruments.
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

  /// What asks for the value of a query, or of an expression.
  func question(_ text: String) -> String { dialect == .tsp ? "print(\(text))" : text }

  private var errorQuestion: String {
    dialect == .tsp ? "print(\"errors\", errorqueue.count)" : ":SYST:ERR?"
  }

  /// Asks for the next entry of the error queue.
  var nextError: String { dialect == .tsp ? "print(errorqueue.next())" : ":SYST:ERR?" }

  /// What a line that came back is.
  enum Answer: Equatable {
    /// The answer to the error question: nothing wrong, an entry, or entries that are
    /// still to be asked for.
    case clean
    case report(ErrorReport)
    case reports
    /// Anything else.
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

  /// What ends whatever the instrument is in the middle of, so that the next line is
  /// taken as it stands: a line that was cut off, a script that was being loaded,
  /// a program that runs.
  ///
  /// - Parameters:
  ///   - abort: what ends a running program.
  ///   - isMessageBased: whether messages come whole or not at all.
  func ground(_ abort: [String], isMessageBased: Bool) -> [String] {
    switch dialect {
    case .tsp: [Self.spoiler] + abort + ["endscript"]
    case .scpi, .lines: (isMessageBased ? [] : [Self.spoiler]) + abort
    }
  }

  /// Makes no sense behind any beginning of a command, so that a line that was cut off
  /// is not done as far as it came: "…=4" of "…=4e-3" is another voltage. Within a
  /// script it keeps that from running when it is ended.
  static let spoiler = ")"

  /// The entry that ``nextError`` brought; nil when that is no entry.
  func report(_ line: String) -> ErrorReport? {
    dialect == .tsp ? ErrorReport(tsp: line) : ErrorReport(scpi: line)
  }

  /// How many lines answer so many queries in one message.
  func lineCount(answering queries: Int) -> Int { dialect == .tsp ? queries : min(queries, 1) }

  /// The values in the lines that came before the error question's answer;
  /// nil when there are not `count` of them.
  func values(_ lines: [String], count: Int) -> [String]? {
    let values = dialect == .tsp ? lines : lines.flatMap(Self.fields)
    return values.count == count ? values : nil
  }

  /// The answers in one SCPI reply, which semicolons separate outside quotes
  /// (IEEE 488.2, 8.4.1).
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

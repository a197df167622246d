/// Where programs are performed: instruments, device models, or a record.
///
/// One verb does work, in two steps, and one makes safe. Everything else that a bench
/// can do (limiting, recording, estimating) is another bench around one.
public protocol Bench: Sendable {
  /// What is wired to what.
  var wiring: Wiring { get }

  /// Refuses what cannot be performed, or must not be, before any part of it is, and
  /// makes the rest ready. What is refused leaves nothing behind: no intent in a
  /// record, no part of a sum, no byte on a wire.
  ///
  /// - Throws: ``BenchError``.
  func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram

  /// Brings gates to their idle level, rows and drains to 0 V, and leaves the
  /// outputs on: between programs, where the next one has to wait.
  ///
  /// - Throws: ``BenchError``.
  func idle() async throws(BenchError)

  /// Brings every terminal to its safe state and says what is confirmed.
  /// Never throws: what cannot be confirmed is in the report.
  func makeSafe() async -> SafeReport
}

extension Bench {
  /// Performs `program` to its end and returns what was measured.
  ///
  /// - Throws: ``BenchError``. Nothing of a refused program was performed; of
  ///   one that failed later an unknown part was.
  public func perform(_ program: Program) async throws(BenchError) -> Observations {
    try await prepare(program).perform()
  }

  /// Nothing: without instruments nothing is on.
  public func idle() async throws(BenchError) {}
}

/// What became of every terminal when the bench was made safe.
public struct SafeReport: Sendable, Equatable {
  /// One terminal's state.
  public enum State: Sendable, Equatable {
    /// Read back as off or at its idle level.
    case confirmed
    /// Not known to be safe, and why.
    case notConfirmed(String)
    /// It was asked and answered, and is not safe, or is another instrument's: it will
    /// hardly answer anything else later.
    case refused(String)
  }

  public var terminals: [(terminal: Terminal, state: State)]

  public init(terminals: [(terminal: Terminal, state: State)]) { self.terminals = terminals }

  /// Whether every terminal is confirmed.
  public var isSafe: Bool { terminals.allSatisfy { $0.state == .confirmed } }

  /// The terminals that are not confirmed, and why.
  public var open: String {
    terminals.compactMap { terminal, state in
      state.reason.map { "\(terminal): \($0)" }
    }.joined(separator: "; ")
  }

  /// Whether all that is not confirmed was answered.
  package var isRefused: Bool {
    !isSafe && terminals.allSatisfy { if case .notConfirmed = $0.state { false } else { true } }
  }

  public static func == (first: SafeReport, second: SafeReport) -> Bool {
    first.terminals.elementsEqual(second.terminals) { $0 == $1 }
  }
}

extension SafeReport.State {
  /// Why it is not confirmed; nil where it is.
  public var reason: String? {
    switch self {
    case .confirmed: nil
    case .notConfirmed(let reason), .refused(let reason): reason
    }
  }
}

/// Why a bench did not perform a program.
public enum BenchError: Error {
  /// It would break a limit, or broke one that only shows while running.
  case limit(LimitViolation)
  /// It names a terminal that the bench does not have.
  case unknownTerminal(Terminal)
  /// Another program is still being performed.
  case busy
  /// The n-th program differs from the recorded one.
  case divergence(n: Int, recorded: Program, asked: Program)
  /// The record ends before the n-th program.
  case recordEnded(n: Int)
  /// The run cannot be taken up again where its record ends, and why.
  case notResumable(String)
  /// The bench cannot do this, and why.
  case impossible(String)
  /// Something that the bench is made of failed: an instrument, the session file, the
  /// dose ledger, the guardian.
  case failed(any BenchFailure)
  /// The run was cancelled.
  case cancelled
}

/// A failure of what a bench is made of, declared by the module that knows it.
public protocol BenchFailure: Error {
  /// What happened, in one sentence.
  var message: String { get }
  /// Whether nothing of the program was performed; where that is not known, false.
  var isRefusal: Bool { get }
}

extension BenchFailure {
  public var isRefusal: Bool { false }
}

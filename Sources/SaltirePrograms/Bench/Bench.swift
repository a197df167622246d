/// Performs programs: on instruments, on device models, or from a record.
///
/// Programs are performed in two steps, `prepare` and `perform`; `makeSafe` makes the bench safe.
/// Limiting, recording and estimating are benches that wrap another bench.
public protocol Bench: Sendable {
  /// The devices and their terminals.
  var wiring: Wiring { get }

  /// Checks a program and makes it ready. Refuses it, before any part is performed, if it cannot or
  /// must not be performed. A refused program has no effect: no intent in a record, no contribution
  /// to a sum, no byte sent.
  ///
  /// - Throws: ``BenchError``.
  func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram

  /// Brings gates to their idle level and rows and drains to 0 V, with the outputs on. Used between
  /// programs when the next one has to wait.
  ///
  /// - Throws: ``BenchError``.
  func idle() async throws(BenchError)

  /// Confirms that the instruments are still set as they were told.
  ///
  /// - Throws: ``BenchError`` if something has changed; an outcome then does not count.
  func verify() async throws(BenchError)

  /// Brings every terminal to its safe state and reports which ones are confirmed. Never throws:
  /// the report names terminals that cannot be confirmed.
  func makeSafe() async -> SafeReport
}

extension Bench {
  /// Performs `program` to its end and returns what was measured.
  ///
  /// - Throws: ``BenchError``. No part of a refused program was performed; an unknown part of one
  ///   that failed later was.
  public func perform(_ program: Program) async throws(BenchError) -> Observations {
    try await prepare(program).perform()
  }

  /// Does nothing: a bench without instruments has no outputs.
  public func idle() async throws(BenchError) {}

  /// Does nothing: a bench without instruments has no settings.
  public func verify() async throws(BenchError) {}
}

/// The state of every terminal after the bench was made safe.
public struct SafeReport: Sendable, Equatable {
  /// One terminal's state.
  public enum State: Sendable, Equatable {
    /// Reads back as off or at its idle level.
    case confirmed
    /// Not known to be safe, and why.
    case notConfirmed(String)
    /// The instrument responded, but the output is not safe, or the instrument is not the expected
    /// one. A retry is unlikely to help.
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

  /// Whether the instruments of all unconfirmed terminals responded.
  package var isRefused: Bool {
    !isSafe && terminals.allSatisfy { if case .notConfirmed = $0.state { false } else { true } }
  }

  public static func == (first: SafeReport, second: SafeReport) -> Bool {
    first.terminals.elementsEqual(second.terminals) { $0 == $1 }
  }
}

extension SafeReport.State {
  /// Why it is not confirmed; nil if it is.
  public var reason: String? {
    switch self {
    case .confirmed: nil
    case .notConfirmed(let reason), .refused(let reason): reason
    }
  }
}

/// Why a bench did not perform a program.
public enum BenchError: Error {
  /// It would exceed a limit, or a measured value exceeded one.
  case limit(LimitViolation)
  /// It names a terminal that the bench does not have.
  case unknownTerminal(Terminal)
  /// Another program is still being performed.
  case busy
  /// The n-th program differs from the recorded one.
  case divergence(n: Int, recorded: Program, asked: Program)
  /// The record ends before the n-th program.
  case recordEnded(n: Int)
  /// The run cannot be resumed at the end of its record, and why.
  case notResumable(String)
  /// The bench cannot do this, and why.
  case impossible(String)
  /// A part of the bench failed: an instrument, the session file, the dose ledger or the guardian.
  case failed(any BenchFailure)
  /// The run was cancelled.
  case cancelled
}

/// A failure of a part of a bench, declared by the module that owns the part.
public protocol BenchFailure: Error {
  /// What happened, in one sentence.
  var message: String { get }
  /// Whether no part of the program was performed; false if that is unknown.
  var isRefusal: Bool { get }
  /// Whether programs that were performed before may have measured something wrong.
  var castsDoubt: Bool { get }
}

extension BenchFailure {
  public var isRefusal: Bool { false }
  public var castsDoubt: Bool { false }
}

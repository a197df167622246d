internal import Foundation
internal import SaltireCore
internal import Synchronization

/// A bench that writes everything down, and answers from what is written
/// until that ends.
///
/// Experiments are deterministic, so running one again against its record
/// asks the same programs: replay and resume are this one mechanism. A
/// program that can move a device that outlives the process is recorded
/// before it is performed.
public final class JournaledBench: Bench {
  /// How the programs of the record are answered.
  public enum Past: Sendable {
    /// From the record: the devices remember what was done to them.
    case recalled
    /// By performing them again, which must give what the record says: the
    /// devices died with the process that recorded.
    case performedAgain
  }

  private let inner: (any Bench)?
  private let session: Session
  private let recorded: Int
  private let past: Past
  private let policy: ResumePolicy.Interrupted
  private let begin: @Sendable () async throws(BenchError) -> Void
  private let state = Mutex((next: 0, isPerforming: false, hasBegun: false))
  public let wiring: Wiring

  /// Records what `bench` performs, after what the session holds already.
  ///
  /// - Parameters:
  ///   - bench: what performs.
  ///   - session: what keeps the record.
  ///   - past: how what is recorded already is answered.
  ///   - policy: what becomes of a program that was cut off.
  ///   - begin: what must succeed before `bench` performs its first program,
  ///     such as arming it.
  public init(
    _ bench: any Bench, session: Session, past: Past = .recalled,
    interrupted policy: ResumePolicy.Interrupted = .refuse,
    begin: @escaping @Sendable () async throws(BenchError) -> Void = {}
  ) throws(SessionError) {
    inner = bench
    wiring = bench.wiring
    self.session = session
    self.past = past
    self.policy = policy
    self.begin = begin
    recorded = try session.stepCount()
  }

  /// Answers from the record alone.
  public init(replaying session: Session, wiring: Wiring) throws(SessionError) {
    inner = nil
    self.wiring = wiring
    self.session = session
    past = .recalled
    policy = .refuse
    begin = {}
    recorded = try session.stepCount()
  }

  public func perform(_ program: Program) async throws(BenchError) -> Observations {
    // The number is taken before the first suspension: two programs in flight
    // would race for the record's order.
    let claimed: Int? = state.withLock { state in
      guard !state.isPerforming else { return nil }
      state.isPerforming = true
      defer { state.next += 1 }
      return state.next
    }
    guard let n = claimed else { throw .busy }
    defer { state.withLock { $0.isPerforming = false } }
    let asked = program.record
    if n < recorded {
      if let answer = try await recall(n, program, asked) { return answer }
      return try await settle(n, program)
    }
    return try await perform(n, program, asked, on: try await live(n))
  }

  public func makeSafe() async -> SafeReport {
    await inner?.makeSafe() ?? SafeReport(terminals: [])
  }

  /// What performs, made ready; the record must not have ended where there is
  /// only that.
  private func live(_ n: Int) async throws(BenchError) -> any Bench {
    guard let inner else { throw .recordEnded(n: n) }
    let isFirst = state.withLock { state in
      defer { state.hasBegun = true }
      return !state.hasBegun
    }
    if isFirst { try await begin() }
    return inner
  }

  // MARK: What is recorded

  /// What the record says of program `n`, which must be the one asked for; nil
  /// where it was cut off.
  private func recall(
    _ n: Int, _ program: Program, _ asked: [UInt8]
  ) async throws(BenchError) -> Observations? {
    // Records are compared before anything is decoded: most are equal.
    let stored = try onDisk { () throws(SessionError) in try session.stored(n) }
    guard let stored else { throw .recordEnded(n: n) }
    guard stored.program == asked else {
      let step = try onDisk { () throws(SessionError) in try session.step(n) }
      throw .divergence(n: n, recorded: step?.program ?? Program([]), asked: program)
    }
    guard let observations = stored.observations else {
      guard n == recorded - 1 else {
        throw .session(
          .damaged(path: session.url.path, reason: "step \(n) has no observations, but a successor")
        )
      }
      return nil
    }
    if past == .performedAgain {
      let now = try await live(n).perform(program)
      guard now.record == observations else {
        throw .notResumable("program \(n) gives other readings now than when it was recorded")
      }
      return now
    }
    do throws(RecordError) {
      return try Observations(record: observations, of: program)
    } catch {
      throw .session(
        .damaged(path: session.url.path, reason: "step \(n): expected \(error.expected)"))
    }
  }

  /// Program `n` was begun and cut off: its pulses may have reached the
  /// devices. What the policy says is done, and never silently.
  private func settle(_ n: Int, _ program: Program) async throws(BenchError) -> Observations {
    let bench = try await live(n)
    let observations: Observations
    switch policy {
    case .refuse: throw .notResumable(Self.ambiguity(n))
    case .read: observations = try await bench.perform(program.withoutPulses)
    case .repeat: observations = try await bench.perform(program)
    }
    try onDisk { () throws(SessionError) in
      try session.complete(n, observations: observations.record)
    }
    return observations
  }

  /// Why program `n` cannot be left as it is.
  static func ambiguity(_ n: Int) -> String {
    "program \(n) was under way when the record ends: some of its pulses may have reached the"
      + " devices"
  }

  // MARK: What is not

  private func perform(
    _ n: Int, _ program: Program, _ asked: [UInt8], on inner: some Bench
  ) async throws(BenchError) -> Observations {
    // What is refused now leaves no intent.
    try inner.admit(program)
    let intends = session.durability == .powerLoss && program.moves
    if intends {
      try onDisk { () throws(SessionError) in try session.begin(n, program: asked) }
    }
    let observations = try await inner.perform(program)
    try onDisk { () throws(SessionError) in
      if intends {
        try session.complete(n, observations: observations.record)
      } else {
        try session.append(n, program: asked, observations: observations.record)
      }
    }
    return observations
  }

  private func onDisk<Value>(
    _ body: () throws(SessionError) -> Value
  ) throws(BenchError) -> Value {
    do throws(SessionError) { return try body() } catch { throw .session(error) }
  }
}

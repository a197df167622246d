import Foundation
import SaltireCore
public import SaltirePrograms
import Synchronization

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
  private let patience: DiskPatience
  private let begin: @Sendable () async throws(BenchError) -> Void
  private let state = Mutex((next: 0, isPerforming: false, hasBegun: false))
  /// The program under way.
  private let work = Work()
  public let wiring: Wiring

  /// Records what `bench` performs, after what the session holds already.
  ///
  /// - Parameters:
  ///   - bench: what performs.
  ///   - session: what keeps the record.
  ///   - past: how what is recorded already is answered.
  ///   - policy: what becomes of a program that was cut off.
  ///   - patience: how long programs wait for the disk.
  ///   - begin: what must succeed before `bench` performs its first program,
  ///     such as arming it.
  public init(
    _ bench: any Bench, session: Session, past: Past = .recalled,
    interrupted policy: ResumePolicy.Interrupted = .refuse,
    patience: DiskPatience = DiskPatience(),
    begin: @escaping @Sendable () async throws(BenchError) -> Void = {}
  ) throws(SessionError) {
    inner = bench
    wiring = bench.wiring
    self.session = session
    self.past = past
    self.policy = policy
    self.patience = patience
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
    patience = DiskPatience()
    begin = {}
    recorded = try session.stepCount()
  }

  public func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    let n = try state.withLock { state throws(BenchError) in
      guard !state.isPerforming else { throw .busy }
      return state.next
    }
    return PreparedProgram(Journaled(bench: self, n: n, way: try await way(n, program)))
  }

  private struct Journaled: Performance {
    let bench: JournaledBench
    let n: Int
    let way: Way

    func perform() async throws(BenchError) -> Observations {
      // The number is taken before the first suspension: two programs in flight
      // would race for the record's order.
      try bench.take(n)
      defer { bench.state.withLock { $0.isPerforming = false } }
      return try await bench.perform(n, way)
    }
  }

  /// How a program is answered.
  private enum Way {
    /// From the record.
    case recalled(Observations)
    /// By performing it again, which must give what the record says.
    case again(PreparedProgram, record: [UInt8])
    /// What the policy says of one that was cut off.
    case settled(PreparedProgram)
    /// Behind the record.
    case live(Program, record: [UInt8], PreparedProgram, on: any Bench)
  }

  private func take(_ n: Int) throws(BenchError) {
    try state.withLock { state throws(BenchError) in
      guard !state.isPerforming, state.next == n else { throw .busy }
      state.isPerforming = true
      state.next += 1
    }
  }

  private func way(_ n: Int, _ program: Program) async throws(BenchError) -> Way {
    let asked = program.record
    guard n < recorded else {
      let inner = try await live(n)
      return .live(program, record: asked, try await inner.prepare(program), on: inner)
    }
    guard let observations = try recorded(n, program, asked) else {
      return .settled(try await settling(n, program))
    }
    return past == .performedAgain
      ? .again(try await live(n).prepare(program), record: observations)
      : .recalled(try decoded(observations, of: n, program))
  }

  private func perform(_ n: Int, _ way: Way) async throws(BenchError) -> Observations {
    switch way {
    case .recalled(let observations): return observations
    case .again(let prepared, let record):
      let now = try await prepared.perform()
      guard now.record == record else {
        throw .notResumable("program \(n) gives other readings now than when it was recorded")
      }
      return now
    case .settled(let prepared):
      let observations = try await perform(prepared)
      try onDisk { () throws(SessionError) in
        try session.complete(n, observations: observations.record)
      }
      return observations
    case .live(let program, let record, let prepared, let inner):
      return try await perform(n, program, record, prepared, on: inner)
    }
  }

  public func idle() async throws(BenchError) { try await inner?.idle() }

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
    if isFirst {
      session.beginWatch { [work] in work.cancel() }
      try await begin()
    }
    return inner
  }

  // MARK: What is recorded

  /// The record of what program `n` observed, which must be the one asked for; nil
  /// where it was cut off.
  private func recorded(
    _ n: Int, _ program: Program, _ asked: [UInt8]
  ) throws(BenchError) -> [UInt8]? {
    // Records are compared before anything is decoded: most are equal.
    let stored = try onDisk { () throws(SessionError) in try session.stored(n) }
    guard let stored else { throw .recordEnded(n: n) }
    guard stored.program == asked else {
      let step = try onDisk { () throws(SessionError) in try session.step(n) }
      throw .divergence(n: n, recorded: step?.program ?? Program([]), asked: program)
    }
    if stored.observations == nil, n != recorded - 1 {
      throw .failed(
        SessionError.damaged(
          path: session.url.path, reason: "step \(n) has no observations, but a successor"))
    }
    return stored.observations
  }

  private func decoded(
    _ observations: [UInt8], of n: Int, _ program: Program
  ) throws(BenchError) -> Observations {
    do throws(RecordError) {
      return try Observations(record: observations, of: program)
    } catch {
      throw .failed(
        SessionError.damaged(
          path: session.url.path, reason: "step \(n): expected \(error.expected)"))
    }
  }

  /// Program `n` was begun and cut off: its pulses may have reached the
  /// devices. What the policy says is done, and never silently.
  private func settling(
    _ n: Int, _ program: Program
  ) async throws(BenchError) -> PreparedProgram {
    let inner = try await live(n)
    return switch policy {
    case .refuse: throw .notResumable(Self.ambiguity(n))
    case .read: try await inner.prepare(program.withoutPulses)
    case .repeat: try await inner.prepare(program)
    }
  }

  /// Why program `n` cannot be left as it is.
  package static func ambiguity(_ n: Int) -> String {
    "program \(n) was under way when the record ends: some of its pulses may have reached the"
      + " devices"
  }

  // MARK: What is not

  private func perform(
    _ n: Int, _ program: Program, _ asked: [UInt8], _ prepared: PreparedProgram,
    on inner: some Bench
  ) async throws(BenchError) -> Observations {
    // Nothing is done with a device whose past is not written down.
    try await settle(before: n, inner)
    let intends = session.durability == .powerLoss && program.moves
    if intends {
      try onDisk { () throws(SessionError) in try session.begin(n, program: asked) }
      try await settle(before: n, inner)
    }
    let observations = try await perform(prepared)
    try onDisk { () throws(SessionError) in
      if intends {
        try session.complete(n, observations: observations.record)
      } else {
        try session.append(n, program: asked, observations: observations.record)
      }
    }
    return observations
  }

  /// Performs a program; where the session is lost meanwhile, it ends at once.
  private func perform(_ prepared: PreparedProgram) async throws(BenchError) -> Observations {
    try onDisk { () throws(SessionError) in try session.expectWritable() }
    guard session.durability == .powerLoss else { return try await prepared.perform() }
    let result = await work.run { () async -> Result<Observations, BenchError> in
      do throws(BenchError) {
        return .success(try await prepared.perform())
      } catch {
        return .failure(error)
      }
    }
    try onDisk { () throws(SessionError) in try session.expectWritable() }
    return try result.get()
  }

  /// Waits until all before program `n`, and its intent, is on the disk. Where that
  /// takes long the outputs wait at idle; where it takes too long the run ends.
  private func settle(before n: Int, _ inner: some Bench) async throws(BenchError) {
    let begin = HostTime.monotonic
    if try await isSettled(within: patience.idle) { return }
    try await inner.idle()
    guard try await isSettled(within: patience.end - (HostTime.monotonic - begin)) else {
      throw .failed(session.giveUp(after: patience.end))
    }
    let wait = Note.rows(DiskWaitTable.table(), [Double(n), HostTime.monotonic - begin])
    try onDisk { () throws(SessionError) in try session.add(wait) }
  }

  private func isSettled(within seconds: Double) async throws(BenchError) -> Bool {
    let isSettled: Bool
    do throws(SessionError) {
      isSettled = try await session.isSettled(within: seconds)
    } catch {
      throw .failed(session.cause(of: error))
    }
    if !isSettled, Task.isCancelled { throw .cancelled }
    return isSettled
  }

  private func onDisk<Value>(
    _ body: () throws(SessionError) -> Value
  ) throws(BenchError) -> Value {
    do throws(SessionError) { return try body() } catch {
      throw .failed(session.cause(of: error))
    }
  }
}

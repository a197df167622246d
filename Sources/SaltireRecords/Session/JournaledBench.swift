import Foundation
import SaltireCore
public import SaltirePrograms
import Synchronization

/// A bench that records everything, and answers from the record until it ends.
///
/// Experiments are deterministic, so an experiment that runs again requests the same programs.
/// Replay and resume are both this mechanism. A program is recorded before it is performed if it
/// can move a device that outlives the process.
public final class JournaledBench: Bench {
  /// How recorded programs are answered.
  public enum Past: Sendable {
    /// From the record: the devices still have their state.
    case recalled
    /// By performing them again, with the same result as recorded: the simulated devices were lost
    /// with their process.
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
  /// The current program.
  private let work = Work()
  public let wiring: Wiring

  /// Records what `bench` performs, after the existing record of the session.
  ///
  /// - Parameters:
  ///   - bench: the bench that performs programs.
  ///   - session: the session that keeps the record.
  ///   - past: how recorded programs are answered.
  ///   - policy: what happens to an interrupted program.
  ///   - patience: how long programs wait for the disk.
  ///   - begin: an action, such as arming, that must succeed before `bench` performs its first
  ///     program.
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
      // The number is taken before the first suspension point; otherwise two concurrent programs
      // would race for the order in the record.
      try bench.take(n)
      defer { bench.state.withLock { $0.isPerforming = false } }
      return try await bench.perform(n, way)
    }
  }

  /// How a program is answered.
  private enum Way {
    /// From the record.
    case recalled(Observations)
    /// By performing it again, with the same result as recorded.
    case again(PreparedProgram, record: [UInt8])
    /// As the policy says for an interrupted program.
    case settled(PreparedProgram)
    /// After the end of the record.
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
        throw .notResumable("program \(n) now gives readings that differ from the recorded ones")
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

  public func verify() async throws(BenchError) {
    if state.withLock({ $0.hasBegun }) { try await inner?.verify() }
  }

  public func makeSafe() async -> SafeReport {
    await inner?.makeSafe() ?? SafeReport(terminals: [])
  }

  /// Prepares the program on the inner bench. Throws if there is only a record, which has ended.
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

  // MARK: Within the record

  /// The recorded observations of program `n`, which must equal the requested program; nil if it
  /// was interrupted.
  private func recorded(
    _ n: Int, _ program: Program, _ asked: [UInt8]
  ) throws(BenchError) -> [UInt8]? {
    // Compares the encoded records first, because most are equal.
    let stored = try onDisk { () throws(SessionError) in try session.stored(n) }
    guard let stored else { throw .recordEnded(n: n) }
    guard stored.program == asked else {
      let step = try onDisk { () throws(SessionError) in try session.step(n) }
      throw .divergence(n: n, recorded: step?.program ?? Program([]), asked: program)
    }
    if stored.observations == nil, n != recorded - 1 {
      throw .failed(
        SessionError.damaged(
          path: session.url.path, reason: "step \(n) has no observations, but is not the last"))
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

  /// Program `n` was interrupted: its pulses may have reached the devices. Applies the policy, and
  /// never repeats pulses silently.
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

  /// Why program `n` is ambiguous.
  package static func ambiguity(_ n: Int) -> String {
    "the run was interrupted during program \(n): some of its pulses may have reached the devices"
  }

  // MARK: After the record

  private func perform(
    _ n: Int, _ program: Program, _ asked: [UInt8], _ prepared: PreparedProgram,
    on inner: some Bench
  ) async throws(BenchError) -> Observations {
    // No device is pulsed before its earlier programs are on the disk.
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

  /// Performs a program, and aborts it if the session is lost meanwhile.
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

  /// Waits until everything before program `n`, and its intent, is on the disk. After a while the
  /// outputs go to idle; after too long the run ends.
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

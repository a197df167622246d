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
  private let inner: (any Bench)?
  private let session: Session
  private let recorded: Int
  private let state = Mutex((next: 0, isPerforming: false))
  public let wiring: Wiring

  /// Records what `bench` performs.
  public init(_ bench: any Bench, session: Session) throws(SessionError) {
    inner = bench
    wiring = bench.wiring
    self.session = session
    recorded = try session.stepCount()
  }

  /// Answers from the record alone.
  public init(replaying session: Session, wiring: Wiring) throws(SessionError) {
    inner = nil
    self.wiring = wiring
    self.session = session
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
    if n < recorded { return try recall(n, program, asked) }
    guard let inner else { throw .recordEnded(n: n) }
    return try await perform(n, program, asked, on: inner)
  }

  public func makeSafe() async -> SafeReport {
    await inner?.makeSafe() ?? SafeReport(terminals: [])
  }

  /// What the record says of program `n`, which must be the one asked for.
  private func recall(
    _ n: Int, _ program: Program, _ asked: [UInt8]
  ) throws(BenchError) -> Observations {
    // Records are compared before anything is decoded: most are equal.
    let stored = try onDisk { () throws(SessionError) in try session.stored(n) }
    guard let stored else { throw .recordEnded(n: n) }
    guard stored.program == asked else {
      let step = try onDisk { () throws(SessionError) in try session.step(n) }
      throw .divergence(n: n, recorded: step?.program ?? Program([]), asked: program)
    }
    guard let observations = stored.observations else { throw .recordEnded(n: n) }
    do throws(RecordError) {
      return try Observations(record: observations)
    } catch {
      throw .session(
        .damaged(path: session.url.path, reason: "step \(n): expected \(error.expected)"))
    }
  }

  private func onDisk<Value>(
    _ body: () throws(SessionError) -> Value
  ) throws(BenchError) -> Value {
    do throws(SessionError) { return try body() } catch { throw .session(error) }
  }

  private func perform(
    _ n: Int, _ program: Program, _ asked: [UInt8], on inner: some Bench
  ) async throws(BenchError) -> Observations {
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
}

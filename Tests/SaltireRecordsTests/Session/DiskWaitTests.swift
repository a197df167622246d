import Dispatch
import Foundation
import SaltireCore
import SaltireTesting
import Synchronization
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltirePrograms
@testable import SaltireRecords

/// A record on a slow disk.
@Suite struct DiskWaitTests {
  private let folder: TemporaryFolder
  private let session: Session

  init() throws {
    folder = try TemporaryFolder()
    session = try Session.create(
      at: folder["run.saltire"], manifest: .empty, durability: .powerLoss)
  }

  private static let pulse = Program([.pulse("GA1", level: 4, width: 0.01), .look()])

  /// A bench that reports when it goes to idle.
  private final class IdlingBench: Bench {
    private let inner: ModelBench
    private let onIdle: @Sendable () -> Void
    private let counts = Mutex((idle: 0, programs: 0))

    init(onIdle: @escaping @Sendable () -> Void = {}) throws {
      inner = try ModelBench()
      self.onIdle = onIdle
    }

    var wiring: Wiring { inner.wiring }
    var idles: Int { counts.withLock { $0.idle } }
    var programs: Int { counts.withLock { $0.programs } }

    func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
      let prepared = try await inner.prepare(program)
      return PreparedProgram { [self] () async throws(BenchError) in
        counts.withLock { $0.programs += 1 }
        return try await prepared.perform()
      }
    }

    func idle() async throws(BenchError) {
      counts.withLock { $0.idle += 1 }
      onIdle()
    }

    func makeSafe() async -> SafeReport { await inner.makeSafe() }
  }

  /// Blocks the next write until the gate opens.
  private func block(_ gate: DispatchSemaphore) throws {
    try #require(session.writer).add { gate.wait() }
  }

  /// The outputs wait at idle, and the program is performed when its intent is on the disk; the
  /// longer rest is recorded.
  @Test func aSlowDiskMakesOutputsWaitAtIdle() async throws {
    let gate = DispatchSemaphore(value: 0)
    let bench = try IdlingBench { gate.signal() }
    let journal = try JournaledBench(
      bench, session: session, patience: DiskPatience(idle: 0.01, end: 1e6))
    try block(gate)
    _ = try await journal.perform(Self.pulse)
    // On a busy machine the observations wait too.
    #expect(bench.idles >= 1 && bench.programs == 1)
    let waits = try #require(try session.notebook().table(DiskWaitTable.self))
    #expect(waits[.program] == [Double](repeating: 0, count: bench.idles))
    #expect(waits[.wait].allSatisfy { $0 > 0 })
    #expect(try session.step(0)?.observations != nil)
    try session.close()
  }

  /// No program is performed without its intent on the disk, and nothing is written after the disk
  /// was given up.
  @Test func aDiskThatDoesNotAnswerEndsTheRun() async throws {
    let gate = DispatchSemaphore(value: 0)
    defer { gate.signal() }
    let bench = try IdlingBench()
    let journal = try JournaledBench(
      bench, session: session, patience: DiskPatience(idle: 0.01, end: 0.02))
    try block(gate)
    for _ in 0..<2 {
      let error = await failure { () throws(BenchError) in try await journal.perform(Self.pulse) }
      guard case .failed(SessionError.storage(_, let reason))? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(reason.hasPrefix("its disk has not responded for"))
    }
    #expect(bench.idles >= 1 && bench.programs == 0)
    #expect(throws: SessionError.self) { try session.add(.phase("later")) }
    #expect(throws: SessionError.self) { try session.close() }
  }

  /// Cancelling a run does not wait for the disk.
  @Test func aWaitEndsWithItsTask() async throws {
    let gate = DispatchSemaphore(value: 0)
    let bench = try IdlingBench()
    let journal = try JournaledBench(
      bench, session: session, patience: DiskPatience(idle: 1e6, end: 1e6))
    try block(gate)
    let run = Task {
      await failure { () throws(BenchError) in try await journal.perform(Self.pulse) }
    }
    run.cancel()
    guard case .cancelled? = await run.value else {
      Issue.record("not cancelled")
      return
    }
    #expect(bench.programs == 0)
    gate.signal()
    try session.close()
  }

  /// A failed write ends the run before the next program.
  @Test func aWriteThatFailedEndsTheRun() async throws {
    let bench = try IdlingBench()
    let journal = try JournaledBench(bench, session: session)
    _ = try await journal.perform(Self.pulse)
    let fault = SessionError.storage(path: "run", reason: "a fault")
    try #require(session.writer).add { () throws(SessionError) in throw fault }
    let error = await failure { () throws(BenchError) in try await journal.perform(Self.pulse) }
    guard case .failed(let failure as SessionError)? = error, failure == fault else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(bench.programs == 1)
    try session.close()
  }

  /// A full queue drops nothing: adding to it is an error.
  @Test func aFullQueueIsAnError() async throws {
    let writer = SessionWriter(path: "run.saltire", room: 3)
    let gate = DispatchSemaphore(value: 0)
    let done = Mutex(0)
    let count: SessionWriter.Job = { done.withLock { $0 += 1 } }
    try writer.add { gate.wait() }
    try writer.add(count)
    try writer.add(count)
    #expect(throws: SessionError.self) { try writer.add(count) }
    gate.signal()
    #expect(await writer.wait(1e6))
    #expect(done.withLock { $0 } == 2)
    try writer.add(count)
    #expect(writer.block(1e6))
    #expect(done.withLock { $0 } == 3)
  }

  /// Waits that end in either order, or at once.
  @Test func everyWaitEnds() async throws {
    let writer = SessionWriter(path: "run.saltire")
    #expect(await writer.wait(0))
    let gate = DispatchSemaphore(value: 0)
    try writer.add { gate.wait() }
    #expect(await writer.wait(0) == false)
    #expect(await writer.wait(0.001) == false)
    async let first = writer.wait(1e6)
    async let second = writer.wait(1e6)
    gate.signal()
    let both = await [first, second]
    #expect(both == [true, true])
  }

  /// Notes that a resumed experiment writes again replace its notes, but not the recorded disk
  /// waits.
  @Test func waitsStayInAResumedRecord() async throws {
    let journal = try JournaledBench(try ModelBench(), session: session)
    try session.add(.phase("training"))
    _ = try await journal.perform(Self.pulse)
    try session.add(.rows(DiskWaitTable.table(), [0, 2.5]))
    try session.close()
    let again = try Session.reopen(session.url, durability: .powerLoss)
    again.recall()
    try again.add(.phase("training"))
    _ = try await JournaledBench(try ModelBench(), session: again).perform(Self.pulse)
    try again.append(
      1, program: Self.pulse.record,
      observations: Observations(start: 0, duration: 1, currents: []).record)
    let notes = try again.notebook()
    #expect(notes.phases == ["training"])
    #expect(notes.table(DiskWaitTable.self)?[.wait] == [2.5])
    try again.close()
  }
}

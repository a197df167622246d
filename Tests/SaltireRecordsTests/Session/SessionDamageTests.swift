import Foundation
import GRDB
import SaltireCore
import SaltireLinks
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltireExperiments
@testable import SaltirePrograms
@testable import SaltireRecords
@testable import SaltireRig

/// Sessions of other versions, and files that no version wrote.
@Suite struct SessionDamageTests {
  private let folder: TemporaryFolder
  private let url: URL

  init() throws {
    folder = try TemporaryFolder()
    url = folder["run.saltire"]
  }

  private static let settings = ["swords.pulses=30", "swords.cycles=1", "measure=A1"]
  private static func bench() throws -> BenchFile { try Shipped.bench("simulated-one-device") }

  private func prepared() throws -> PreparedExperiment {
    try Shipped.experiment("crossed-swords", for: try Self.bench(), Self.settings)
  }

  /// A whole run, with what went over its wires and a resumption; its outcome.
  @discardableResult private func record() async throws -> String {
    let file = try Self.bench()
    let session = try Session.create(at: url, manifest: .empty, durability: .processCrash)
    let wire = WireLog()
    let open = try OpenBench(file, seed: 5) { wire.add($1, of: $0) }
    wire.begin(in: session)
    _ = try await open.live?.connect()
    try await open.live?.arm()
    let result = await Runner.run(
      try prepared(), on: try JournaledBench(open.bench, session: session), seed: 5,
      session: session)
    let outcome = try result.conclusion.get().json
    try wire.finish()
    try session.add(Resumption(programs: 3, gap: 1, interrupted: .read))
    try session.finish(
      Ending(
        exitCode: 0, message: nil, outcome: outcome, truth: open.truth.map(JSONText.encode),
        duration: result.duration, wall: 1, pulses: result.pulses, safe: true))
    try session.close()
    return outcome
  }

  private func replay() async throws -> Result<Conclusion, BenchError> {
    let session = try Session.open(url)
    defer { try? session.close() }
    return await Runner.run(
      try prepared(),
      on: try JournaledBench(replaying: session, wiring: try Self.bench().wiring), seed: 5
    ).conclusion
  }

  private func change(_ sql: String) async throws {
    try await DatabaseQueue(path: url.path).write { try $0.execute(sql: sql) }
  }

  // MARK: Other versions

  @Test(arguments: [(0, "unknown session format 0"), (-1, "unknown session format -1")])
  func formatsThatNeverWereAreRefused(format: Int, reason: String) async throws {
    try await record()
    try await change("PRAGMA user_version = \(format)")
    #expect(throws: SessionError.damaged(path: url.path, reason: reason)) {
      try Session.open(url)
    }
  }

  /// Of a record that was cut off the last programs are in a file beside it: without
  /// that it would be taken for a shorter one, and performed again.
  @Test func aSessionWithoutItsLastProgramsIsTold() throws {
    let session = try Session.create(at: url, manifest: .empty, durability: .powerLoss)
    defer { try? session.close() }
    try session.begin(0, program: Program([.look()]).record)
    try session.settle()
    let copy = folder["copy.saltire"]
    try FileManager.default.copyItem(at: url, to: copy)
    for _ in 0..<2 {
      #expect(throws: SessionError.incomplete(path: copy.path)) { try Session.open(copy) }
      #expect(throws: SessionError.incomplete(path: copy.path)) {
        try Session.reopen(copy, durability: .powerLoss)
      }
    }
    try FileManager.default.copyItem(atPath: url.path + "-wal", toPath: copy.path + "-wal")
    #expect(try Session.open(copy).stepCount() == 1)
  }

  // MARK: What no version wrote

  @Test(arguments: [
    // A journal with a gap, and one with a program cut off in its middle.
    "DELETE FROM step WHERE n = 1", "UPDATE step SET n = n + 1000", "UPDATE step SET n = -n",
    // Fewer readings than the program has.
    "UPDATE step SET observations = zeroblob(17)",
    // Endless, and not what it seems.
    """
    ALTER TABLE step RENAME TO old; CREATE VIEW step AS WITH RECURSIVE c(n, program, observations)
    AS (SELECT 0, x'00', x'00' UNION ALL SELECT n + 1, program, observations FROM c) SELECT * FROM c
    """,
    "CREATE TRIGGER t AFTER INSERT ON step BEGIN DELETE FROM step; END",
    // Times and counts that no number holds.
    "UPDATE step SET observations = CAST(x'000000000000F07F' || substr(observations, 9) AS BLOB)",
    "UPDATE step SET observations = CAST(x'000000000000F87F' || substr(observations, 9) AS BLOB)",
    "UPDATE step SET program = x'010480808080808080800100'",
    "UPDATE wire SET body = x'FF'", "UPDATE wire SET body = x'FFFFFFFFFFFF3F'",
    "UPDATE resumption SET json = '{}'", "UPDATE resumption SET json = x'00'",
  ])
  func whatCannotHaveBeenRecordedIsAnError(damage: String) async throws {
    try await record()
    try await change(damage)
    #expect(throws: SessionError.self) { try Self.readAll(url) }
  }

  /// A program cut off before others: only the last can have been.
  @Test func onlyTheLastProgramCanHaveBeenCutOff() async throws {
    try await record()
    try await change("UPDATE step SET observations = NULL WHERE n = 1")
    guard case .failure(.failed(SessionError.damaged(_, let reason))) = try await replay() else {
      Issue.record("replayed")
      return
    }
    #expect(reason.contains("step 1 has no observations"))
  }

  /// Readings that are missing are no trap for an experiment that counts on
  /// them.
  @Test func aReplayWithoutItsReadingsIsAnError() async throws {
    try await record()
    try await change(
      "UPDATE step SET observations = zeroblob(17)")
    guard case .failure(.failed(SessionError.damaged)) = try await replay() else {
      Issue.record("replayed")
      return
    }
  }

  /// Repeats within repeats: more pulses than numbers can count are counted as
  /// the most there is, at once.
  @Test func countsDoNotOverflow() throws {
    var step = Step.pulse("GA1", level: 1, width: 1)
    var look = Step.look()
    for _ in 0..<14 {
      step = .repeat(1 << 47, [step, step])
      look = .repeat(1 << 47, [look, .repeat(1 << 47, [.rest(1)])])
    }
    let program = try Program(record: Program([step, look, look]).record)
    #expect(program.extent.pulses == .max)
    #expect(program.extent.readings == .max)
    #expect(program.readings == .max)
    let wiring = try Shipped.bench().wiring
    #expect(program.doses(on: wiring)["A1"]?.pulses == .max)
    var reads = 0
    program.forEachDeviceRead(on: wiring, [1, 2, 3]) { _ in reads += 1 }
    #expect(reads == 3)
    let long = PulseTrain(
      slots: 1 << 47, width: 1, gap: 0, lines: [.init("GA1", level: 1, fires: nil)])
    #expect(Program([.train(long)]).doses(on: wiring)["A1"]?.pulses == 1 << 47)
    #expect(PulseTrain(slots: 1 << 47, width: 1, gap: 0, lines: []).firingSlots == 0)
    #expect(throws: SaltireCore.RecordError.self) {
      try Program(record: Program([.repeat(1, [step])]).record + [0])
    }
  }

  /// Whatever is done to the bytes: what can be read is read, the rest is an
  /// error, and nothing is worse.
  @Test func damageAnywhereIsAnErrorAtWorst() async throws {
    try await record()
    let whole = [UInt8](try Data(contentsOf: url))
    var random = RandomStream(seed: 77)
    var (errors, replays) = (0, 0)
    for round in 0..<400 {
      let damaged = Mutation.damaged(whole, using: &random)
      try Data(damaged).write(to: url)
      do throws(SessionError) {
        try Self.readAll(url)
      } catch {
        errors += 1
        #expect(!error.message.isEmpty)
      }
      guard round % 4 == 0 else { continue }
      if case .success? = try? await replay() { replays += 1 }
    }
    #expect(errors > 100)
    #expect(replays > 10)
  }

  /// Everything that a session is asked for by any command.
  private static func readAll(_ url: URL) throws(SessionError) {
    let session = try Session.open(url)
    defer { try? session.close() }
    for n in 0..<min(try session.stepCount(), 500) {
      guard let step = try session.step(n) else { continue }
      _ = step.program.description
      _ = step.program.extent
    }
    _ = try session.notebook()
    _ = try session.ending()
    _ = try session.transcript()
    _ = try session.resumptions().map(\.text)
    _ = try session.end()
    _ = try session.extent()
    if let wiring = try? Self.bench().wiring { _ = try session.lastReads(on: wiring) }
  }

  /// A reader does not keep a run from ending well.
  @Test func aSessionIsClosedWhileSomebodyReadsIt() throws {
    let session = try Session.create(at: url, manifest: .empty, durability: .powerLoss)
    try session.add(.phase("training"))
    // It is written when it can be read here.
    _ = try session.notebook()
    let reader = try Session.open(url)
    #expect(try reader.notebook().phases == ["training"])
    try session.add(.phase("more"))
    try session.close()
    #expect(try reader.notebook().phases == ["training", "more"])
    try reader.close()
    #expect(try Session.open(url).notebook().phases == ["training", "more"])
  }
}

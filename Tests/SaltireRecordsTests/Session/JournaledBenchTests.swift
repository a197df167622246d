import Foundation
import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRecords
import Synchronization
import SaltireTesting
import TestRigs
import Testing

@Suite struct JournaledBenchTests {
  private let folder: TemporaryFolder
  private let url: URL

  init() throws {
    folder = try TemporaryFolder()
    url = folder["run.saltire"]
  }

  private static let programs = [
    Program([.look(), .rest(1)]),
    Program([.repeat(10, [.pulse("GA1", level: 4, width: 0.01), .look()])]),
    Program([.look("DC2", "RC")]),
  ]

  private func recording(_ durability: Session.Durability = .batched) throws -> Session {
    try Session.create(at: url, manifest: .empty, durability: durability)
  }

  @Test(arguments: [Session.Durability.batched, .processCrash, .powerLoss])
  func aReplayGivesWhatWasObserved(durability: Session.Durability) async throws {
    let session = try recording(durability)
    let model = try ModelBench()
    let bench = try JournaledBench(model, session: session)
    var observed: [Observations] = []
    for program in Self.programs { observed.append(try await bench.perform(program)) }
    try session.close()

    let record = try Session.open(url)
    #expect(try record.stepCount() == 3)
    let replay = try JournaledBench(replaying: record, wiring: model.wiring)
    for (program, before) in zip(Self.programs, observed) {
      #expect(try await replay.perform(program) == before)
    }
    let error = await failure { () throws(BenchError) in try await replay.perform(Program([])) }
    guard case .recordEnded(3)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aDifferentProgramIsShownBesideTheRecordedOne() async throws {
    let session = try recording()
    let model = try ModelBench()
    let bench = try JournaledBench(model, session: session)
    for program in Self.programs { _ = try await bench.perform(program) }
    try session.close()

    let replay = try JournaledBench(replaying: try Session.open(url), wiring: model.wiring)
    _ = try await replay.perform(Self.programs[0])
    let other = Program([.repeat(10, [.pulse("GA1", level: 4, width: 0.01), .look(level: 0.2)])])
    let error = await failure { () throws(BenchError) in try await replay.perform(other) }
    guard case .divergence(let n, let recorded, let asked)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(n == 1)
    #expect(recorded == Self.programs[1])
    #expect(asked == other)
  }

  /// Two concurrent programs would race for their place in the record.
  @Test func aSecondProgramInFlightIsRefused() async throws {
    let session = try recording()
    let held = HeldBench(wiring: try Shipped.bench().wiring)
    let bench = try JournaledBench(held, session: session)
    let first = Task { () throws(BenchError) in try await bench.perform(Self.programs[0]) }
    for await _ in held.begun { break }
    let error = await failure { () throws(BenchError) in
      try await bench.perform(Self.programs[1])
    }
    guard case .busy? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    held.release()
    _ = try await first.value
    // The refused one took no number.
    #expect(try session.stepCount() == 1)
    #expect(try session.step(0)?.program == Self.programs[0])
    try session.close()
  }

  /// What is committed when a program begins, as another reader of the file
  /// sees it.
  private func committed(
    _ durability: Session.Durability, _ programs: [Program]
  ) async throws -> [Int] {
    let session = try recording(durability)
    let url = url
    let counts = Mutex([Int]())
    let probe = ProbeBench(try ModelBench()) { n, program in
      do throws(SessionError) {
        let reader = try Session.open(url)
        let count = try reader.stepCount()
        if count > n {
          let step = try reader.step(n)
          #expect(step?.program == program)
          #expect(step?.observations == nil)
        }
        try reader.close()
        counts.withLock { $0.append(count) }
      } catch {
        Issue.record("\(error)")
      }
    }
    let bench = try JournaledBench(probe, session: session)
    for program in programs { _ = try await bench.perform(program) }
    for n in programs.indices { #expect(try session.step(n)?.observations != nil) }
    try session.close()
    return counts.withLock { $0 }
  }

  /// If devices outlive a power cut, the intent to move one is on the disk before it moves; a pure
  /// read has nothing to lose.
  @Test func onlyProgramsThatMoveAreRecordedBefore() async throws {
    #expect(try await committed(.powerLoss, Self.programs) == [0, 2, 2])
  }

  @Test func modelsAreRecordedAfterwards() async throws {
    #expect(try await committed(.processCrash, Self.programs) == [0, 1, 2])
  }

  @Test func batchesAreCommittedSomeHundredAtATime() async throws {
    let programs = [Program](repeating: Self.programs[0], count: 1200)
    let counts = try await committed(.batched, programs)
    #expect(counts[0] == 0)
    #expect(counts[499] == 0)
    #expect(counts[500] == 500)
    #expect(counts[1199] == 1000)
    #expect(try Session.open(url).stepCount() == 1200)
  }

  /// A run that was cut off in a program has its intent and no observation:
  /// the record ends there.
  @Test func anIntentWithoutObservationsEndsTheRecord() async throws {
    let session = try recording(.powerLoss)
    let held = HeldBench(wiring: try Shipped.bench().wiring)
    let bench = try JournaledBench(held, session: session)
    let run = Task { () throws(BenchError) in try await bench.perform(Self.programs[1]) }
    for await _ in held.begun { break }
    let reader = try Session.open(url)
    let replay = try JournaledBench(replaying: reader, wiring: held.wiring)
    let error = await failure { () throws(BenchError) in
      try await replay.perform(Self.programs[1])
    }
    guard case .recordEnded(0)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    try reader.close()
    held.release()
    _ = try await run.value
    try session.close()
  }
}

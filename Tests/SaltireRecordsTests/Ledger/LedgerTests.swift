import Foundation
import GRDB
import SaltireCore
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltirePrograms
@testable import SaltireRecords

@Suite struct LedgerTests {
  private let folder: TemporaryFolder
  private let url: URL
  private let file: BenchFile

  init() throws {
    folder = try TemporaryFolder()
    url = folder["data/doses.sqlite"]
    file = try Shipped.bench("simulated", ["limits.session.pulses=1000"])
  }

  private static let (first, second) = (
    DeviceIdentity(rawValue: "W12-D3/B4")!, DeviceIdentity(rawValue: "W12-D3/B5")!
  )
  private static let nothing = Observations(start: 0, duration: 1, currents: []).record
  private static let pulses = Program([.repeat(10, [.pulse("GA1", level: 4, width: 0.01)])])

  /// A session of the bench, with devices of which it is known which they are.
  private func session(
    _ name: String, _ identities: [String: DeviceIdentity] = ["A1": first]
  ) throws -> Session {
    var manifest = Manifest.empty
    manifest.id = name
    manifest.bench = .init(name: file.document.name, text: file.document.text)
    manifest.identities = identities
    return try Session.create(
      at: folder["\(name).saltire"], manifest: manifest, durability: .powerLoss)
  }

  private func account(
    _ session: Session, _ ledger: Ledger? = nil
  ) throws -> DoseAccount {
    try DoseAccount(
      ledger ?? Ledger(url), identities: try #require(session.manifest.identities), on: file.wiring,
      within: file.limits)
  }

  /// A session that was entered, pulsed A1 so often, and was not settled.
  private func killed(_ name: String, programs: Int = 3) async throws -> Session {
    let session = try session(name)
    let account = try account(session)
    let bench = try JournaledBench(try ModelBench("simulated"), session: session) {
      () async throws(BenchError) in
      try account.open(session)
    }
    for _ in 0..<programs { _ = try await bench.perform(Self.pulses) }
    return session
  }

  private func entry(_ n: Int = 0) throws -> LedgerEntry {
    let entries = try Ledger(url).entries()
    return try #require(entries.count > n ? entries[n] : nil)
  }

  // MARK: Rows

  @Test func aSessionIsEnteredBeforeAndSettledAfter() async throws {
    let session = try session("one", ["A1": Self.first, "C1": Self.second])
    let account = try account(session)
    #expect(account.histories["A1"]?.dose == Dose())
    try account.open(session)
    let open = try entry()
    #expect(open.isOpen)
    #expect(open.identity == Self.first && open.device == "A1" && open.session == "one")
    #expect(open.path == folder.path("one.saltire"))
    #expect(open.dose == file.limits.bound(of: "A1"))
    #expect(open.dose.pulses == 1000)
    #expect(open.dose.seconds == 100)
    #expect(open.dose.voltSeconds == 500)

    let bench = try JournaledBench(try ModelBench("simulated"), session: session)
    for _ in 0..<3 { _ = try await bench.perform(Self.pulses) }
    try account.settle(session)
    try session.close()
    let settled = try entry()
    #expect(!settled.isOpen)
    #expect(settled.dose.pulses == 30)
    #expect(abs(settled.dose.seconds - 0.3) < 1e-12)
    #expect(abs(settled.dose.voltSeconds - 1.2) < 1e-12)
    #expect(settled.dose.peak == 4)
    // The other device was there, and was not reached.
    #expect(try entry(1).identity == Self.second)
    #expect(try entry(1).dose == Dose())
    #expect(try !entry(1).isOpen)
    // Beside it nothing is left.
    #expect(folder.content("data") == ["doses.sqlite"])
  }

  /// A second session of the device, under another name, comes on top of it.
  @Test func devicesAreKnownByWhoTheyAre() async throws {
    try await killed("one").close()
    let two = try session("two", ["C2": Self.first, "A1": Self.second])
    let histories = try account(two).histories
    #expect(histories["C2"]?.dose.pulses == 30)
    #expect(histories["C2"]?.identity == Self.first)
    #expect(histories["A1"]?.dose == Dose())
    try two.close()
  }

  // MARK: What a kill leaves

  @Test func whatAKillLeftIsSettledFromTheRecord() async throws {
    let session = try await killed("one")
    // One that was cut off counts in full.
    try session.begin(3, program: Self.pulses.record)
    try session.close()
    #expect(try entry().isOpen)
    #expect(try Ledger(url).settle().isEmpty)
    #expect(try !entry().isOpen)
    #expect(try entry().dose.pulses == 40)
  }

  /// A program that was cut off and performed again may have been there twice.
  @Test func aRepeatedProgramCountsTwice() async throws {
    let session = try await killed("one")
    try session.begin(3, program: Self.pulses.record)
    // What is still to be repeated counts before it is.
    for (interrupted, pulses) in [(ResumePolicy.Interrupted.repeat, 10), (.read, 0)] {
      var policy = ResumePolicy()
      policy.interrupted = interrupted
      let account = try DoseAccount(
        Ledger(url), identities: ["A1": Self.first], on: file.wiring,
        within: file.limits, resuming: (session, policy))
      #expect(account.histories["A1"]?.dose.pulses == pulses)
    }
    try session.add(Resumption(programs: 4, gap: 3, interrupted: .repeat))
    // In a lab that stood still it had not been there.
    try session.add(Resumption(programs: 4, gap: 0, interrupted: .repeat))
    try session.add(Resumption(programs: 4, gap: 2, interrupted: .read))
    try session.close()
    #expect(try Ledger(url).settle().isEmpty)
    #expect(try entry().dose.pulses == 50)
  }

  /// Going on, a session replaces its own row and counts nothing of itself twice.
  @Test func aResumedSessionHasOneRow() async throws {
    try await killed("one").close()
    let session = try Session.reopen(folder["one.saltire"], durability: .powerLoss)
    let account = try DoseAccount(
      Ledger(url), identities: ["A1": Self.first], on: file.wiring,
      within: file.limits, resuming: (session, ResumePolicy()))
    #expect(account.histories["A1"]?.dose == Dose())
    #expect(account.unsettled.isEmpty)
    try account.open(session)
    #expect(try entry().isOpen)
    try account.settle(session)
    try session.close()
    #expect(try Ledger(url).entries().count == 1)
    #expect(try entry().dose.pulses == 30)
  }

  /// A session goes on: so many more programs on its account.
  private func goOn(_ name: String, programs: Int) async throws {
    let session = try Session.reopen(folder["\(name).saltire"], durability: .powerLoss)
    let account = try DoseAccount(
      Ledger(url), identities: ["A1": Self.first], on: file.wiring,
      within: file.limits, resuming: (session, ResumePolicy()))
    try account.open(session)
    for _ in 0..<programs {
      let n = try session.stepCount()
      try session.append(n, program: Self.pulses.record, observations: Self.nothing)
    }
    #expect(try account.settle(session))
    try session.close()
  }

  private func total() throws -> Int { try Ledger(url).entries().dose.pulses }

  /// A copy that is resumed beside its session is another: the device had the pulses
  /// of both, and those before the copy once.
  @Test func aCopyThatGoesAnotherWayCountsToo() async throws {
    try await killed("one", programs: 3).close()
    try FileManager.default.copyItem(at: folder["one.saltire"], to: folder["copy.saltire"])
    try await goOn("one", programs: 5)
    #expect(try total() == 80)
    try await goOn("copy", programs: 1)
    #expect(try total() == 90)
    #expect(try Ledger(url).entries().map(\.dose.pulses).sorted() == [10, 80])
    // Each goes on, on its own account; and so does a copy of the copy.
    try FileManager.default.copyItem(at: folder["copy.saltire"], to: folder["third.saltire"])
    try await goOn("one", programs: 1)
    try await goOn("copy", programs: 2)
    #expect(try total() == 120)
    try await goOn("third", programs: 4)
    #expect(try total() == 160)
    #expect(try Ledger(url).settle().isEmpty)
  }

  /// What is settled grows at most, whatever record comes later.
  @Test func aSettledRowNeverShrinks() async throws {
    try await killed("one", programs: 3).close()
    try FileManager.default.copyItem(at: folder["one.saltire"], to: folder["copy.saltire"])
    try await goOn("one", programs: 5)
    let ledger = try Ledger(url)
    let row = try entry()
    var less = Dose()
    less.pulses = 7
    less.peak = 9
    try ledger.settle([row], ["A1": less], at: row.path)
    #expect(try entry().dose.pulses == 80)
    #expect(try entry().dose.peak == 9)

    // Nor is a row of which a later run is known settled by a record from before.
    let session = try Session.reopen(folder["one.saltire"], durability: .powerLoss)
    try DoseAccount(
      ledger, identities: ["A1": Self.first], on: file.wiring,
      within: file.limits, resuming: (session, ResumePolicy())
    ).open(session)
    try session.close()
    try FileManager.default.removeItem(at: folder["one.saltire"])
    let left = try ledger.settle(moved: ["one": folder["copy.saltire"]])
    #expect(left.count == 1)
    #expect(try entry().isOpen && entry().dose.pulses == 1000)
  }

  /// A copy of the ledger that is put back while a run goes on does not forget it.
  @Test(arguments: [false, true]) func aLedgerPutBackGetsTheRunAgain(isMoved: Bool) async throws {
    try await killed("one", programs: 3).close()
    #expect(try Ledger(url).settle().isEmpty)
    let backup = folder["backup.sqlite"]
    try FileManager.default.copyItem(at: url, to: backup)
    let session = try session("two")
    let account = try account(session)
    try account.open(session)
    try session.append(0, program: Self.pulses.record, observations: Self.nothing)
    if isMoved {
      #expect(rename(backup.path, url.path) == 0)
    } else {
      let file = try FileHandle(forWritingTo: url)
      try file.truncate(atOffset: 0)
      try file.write(contentsOf: Data(contentsOf: backup))
      try file.close()
    }
    #expect(try account.settle(session) == false)
    try session.close()
    #expect(try Ledger(url).entries().map(\.session) == ["one", "two"])
    #expect(try total() == 40)
    // Going on, it finds itself there.
    try await goOn("two", programs: 1)
    #expect(try total() == 50)
  }

  /// Without its record a session counts as the most that it may have been.
  @Test(arguments: ["gone", "moved", "other", "damaged", "intact"])
  func aSessionThatCannotTellCountsAsItsBound(state: String) async throws {
    try await killed("one").close()
    let path = folder["one.saltire"]
    switch state {
    case "moved":
      try FileManager.default.moveItem(at: path, to: folder["elsewhere.saltire"])
    case "gone": try FileManager.default.removeItem(at: path)
    case "other":
      try FileManager.default.removeItem(at: path)
      try session("two").close()
      try FileManager.default.moveItem(at: folder["two.saltire"], to: path)
    case "damaged":
      try await DatabaseQueue(path: path.path).write {
        try $0.execute(sql: "UPDATE step SET program = x'FF' WHERE n = 1")
      }
    default: break
    }
    let left = try Ledger(url).settle()
    #expect(try entry().isOpen == (state != "intact"))
    #expect(try entry().dose.pulses == (state == "intact" ? 30 : 1000))
    #expect(left.count == (state == "intact" ? 0 : 1))
    let next = try session("next")
    let account = try account(next)
    #expect(account.unsettled == left)
    #expect(account.histories["A1"]?.dose.pulses == (state == "intact" ? 30 : 1000))
    if case .unknown(let reason)? = left.first?.reason { #expect(!reason.isEmpty) }
    if state == "moved" {
      let place = folder["elsewhere.saltire"]
      #expect(try Ledger(url).settle(moved: ["one": place]).isEmpty)
      #expect(try entry().dose.pulses == 30)
      #expect(try entry().path == place.path)
    }
    try next.close()
  }

  /// A copy of a session that goes on says nothing of what is still to come.
  @Test func aCopySettlesNothingThatGoesOn() async throws {
    let going = try await killed("one")
    let copy = folder["copy.saltire"]
    for name in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: going.url.path + name, toPath: copy.path + name)
    }
    #expect(try Ledger(url).settle(moved: ["one": copy]).map(\.reason) == [.goesOn])
    #expect(try entry().isOpen)
    try going.close()
    #expect(try Ledger(url).settle(moved: ["one": copy]).isEmpty)
    #expect(try entry().path == going.url.path)
  }

  @Test func aDeviceIsInOneRunAtATime() async throws {
    let going = try await killed("one")
    let other = try session("two")
    let error = #expect(throws: BenchError.self) { try self.account(other) }
    guard case .failed(let refusal as LedgerError)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(refusal == .deviceInUse(Self.first, session: folder.path("one.saltire")))
    #expect(try entry().isOpen)
    // Another device may be.
    _ = try DoseAccount(
      Ledger(url), identities: ["A1": Self.second], on: file.wiring,
      within: file.limits)
    try going.close()
    _ = try account(other)
    try other.close()
  }

  /// Whoever enters first wins: the limits of the second were held against less.
  @Test func aRunThatBeganBesideIsNoticed() throws {
    let (one, two) = (try session("one"), try session("two"))
    let accounts = try (account(one), account(two))
    try accounts.0.open(one)
    let error = #expect(throws: BenchError.self) { try accounts.1.open(two) }
    guard case .failed(LedgerError.changed(Self.first))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try Ledger(url).entries().map(\.session) == ["one"])
    try one.close()
    try two.close()
  }

  @Test func noRowIsLostWhereSeveralWrite() async throws {
    let url = url
    let file = file
    let sessions = try (0..<8).map {
      try session("s\($0)", ["A1": DeviceIdentity(die: "W1", position: "B\($0)")!])
    }
    _ = try await each(sessions) { session in
      for _ in 0..<15 {
        let account = try DoseAccount(
          Ledger(url), identities: try #require(session.manifest.identities), on: file.wiring,
          within: file.limits)
        try account.open(session)
        try account.settle(session)
      }
      return true
    }
    let entries = try Ledger(url).entries()
    #expect(entries.map(\.session) == (0..<8).map { "s\($0)" })
    #expect(entries.allSatisfy { !$0.isOpen && $0.dose == Dose() })
    for session in sessions { try session.close() }
  }
}

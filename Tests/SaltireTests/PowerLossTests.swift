import Foundation
import SaltireCore
import SaltirePrograms
import SaltireRecords
import SaltireTesting
import Testing

/// Power fails at any moment of a run, and the disk loses whatever it may: the record contains
/// every program whose pulses were sent.
///
/// `SALTIRE_VARIANTS` is the number of disk states tried at each moment; if it is set, all moments
/// are tried: `make power-loss`.
@Suite struct PowerLossTests {
  private static let variants = ProcessInfo.processInfo.environment["SALTIRE_VARIANTS"]
    .flatMap { Int($0) }
  private static let work = [
    "swords.pulses=30", "swords.cycles=1", "reference=mid-window", "devices.states=60",
  ]

  /// From the writes of one run: what is left at every sync, and whenever
  /// bytes have left for an instrument after something was written.
  @Test func theRecordHoldsWhatWasSent() async throws {
    let rig = try ServedRig("simulated")
    let run = try await Command(
      // So many samples that SQLite moves its log into the file meanwhile.
      rig.run("shd", Self.work + ["samples=420"]),
      within: ServedRig.shim(over: rig.folder["out"], ["LOG": rig.folder.path("log")]))
    // Too few samples for the motion to die down.
    #expect(run.status == 11)
    let session = try #require(rig.sessions.first)
    let whole = try Session.open(session)
    let programs = try (0..<whole.stepCount()).map { try #require(try whole.step($0)) }
    try whole.close()
    #expect(programs.count { $0.program.moves } > 400)

    let log = try DiskLog(rig.folder["log"])
    let moments = Self.moments(log)
    let checkpoints = log.events.indices.filter { log.events[$0] == .sync(session.path) }
    // The second is that of SQLite's log growing over its limit.
    #expect(checkpoints.count >= 3)
    var random = RandomStream(seed: 41)
    var disk = FailingDisk()
    var isBegun = false
    var opened = 0
    for (index, event) in log.events.enumerated() {
      disk.perform(event)
      guard moments.contains(index) else { continue }
      let isNear = checkpoints.contains { abs($0 - index) < 30 }
      guard Self.variants != nil || !isBegun || isNear || random.uniform() < 0.15 else {
        continue
      }
      let required: Int
      do {
        required = (try Self.programs(disk.seen, session).lastIndex { $0.moves } ?? -1) + 1
      } catch  where !isBegun {
        // Until it has its tables there is no session to open.
        continue
      }
      // Nothing is sent between its first write and when it must be there.
      if event == .send || event == .sync(rig.folder.path("out")) { isBegun = true }
      guard isBegun else { continue }
      let losses =
        [FailingDisk.Loss](repeating: .tail, count: Self.variants ?? 1)
        + [FailingDisk.Loss](repeating: .some, count: Self.variants ?? 1)
      for loss in [.all] + losses {
        do {
          let left = try Self.programs(disk.left(loss, &random), session)
          opened += 1
          #expect(left.count >= required, "\(loss) at event \(index): \(event)")
          #expect(left == programs.prefix(left.count).map(\.program))
        } catch {
          Issue.record("\(loss) at event \(index), \(event): \(error)")
          return
        }
      }
    }
    #expect(opened > 200)
    if Self.variants != nil {
      print("power loss: \(opened) disks at \(moments.count) moments of \(log.events.count) events")
    }
  }

  /// After every sync, and after the first bytes that leave behind something
  /// that was written.
  private static func moments(_ log: DiskLog) -> Set<Int> {
    var found: Set<Int> = []
    var hasWritten = false
    for (index, event) in log.events.enumerated() {
      switch event {
      case .sync: found.insert(index)
      case .send:
        if hasWritten { found.insert(index) }
        hasWritten = false
      case .create, .write, .truncate, .remove, .link: hasWritten = true
      case .hang: break
      }
    }
    return found
  }

  /// The programs of the session on a disk.
  private static func programs(_ files: [String: [UInt8]], _ session: URL) throws -> [Program] {
    let folder = try TemporaryFolder()
    for (path, bytes) in files where !path.hasSuffix("-shm") {
      try Data(bytes).write(to: folder[URL(fileURLWithPath: path).lastPathComponent])
    }
    let found = try Session.open(folder[session.lastPathComponent])
    defer { try? found.close() }
    _ = try found.notebook()
    _ = try found.ending()
    _ = try found.resumptions()
    _ = try found.transcript()
    return try (0..<found.stepCount()).map { try #require(try found.step($0)).program }
  }

  /// The machine dies, the lab does not: the devices have had no pulse that
  /// the record does not know of, and no resumption repeats one silently.
  @Test(arguments: [12, 21, 33, 48])
  func theDevicesHaveHadNothingElse(syncs: Int) async throws {
    let rig = try ServedRig("simulated")
    let settings = Self.work + ["samples=30", "guardian.enabled=off"]
    let run = try await Command(
      rig.run("shd", settings),
      within: ServedRig.shim(
        over: rig.folder["out"],
        ["LOG": rig.folder.path("log"), "POWER_FAILS": "\(syncs)"]))
    // Of env(1), whose process it has become.
    #expect(run.status == -SIGKILL)
    var disk = FailingDisk()
    for event in try DiskLog(rig.folder["log"]).events { disk.perform(event) }
    var random = RandomStream(seed: UInt64(syncs))
    let session = try #require(rig.sessions.first)
    for name in rig.folder.content("out") {
      try FileManager.default.removeItem(at: rig.folder["out/\(name)"])
    }
    for (path, bytes) in disk.left(.all, &random) where !path.hasSuffix("-shm") {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    let left = try Session.open(session)
    var (sure, possible) = (0, 0)
    for n in 0..<(try left.stepCount()) {
      let step = try #require(try left.step(n))
      let count = step.program.doses(on: rig.wiring).values.reduce(0) { $0 + $1.pulses }
      if step.observations == nil { possible += count } else { sure += count }
    }
    try left.close()
    let sent = rig.totalPulses
    #expect(sent > 0)
    #expect(sure <= sent)
    #expect(sent <= sure + possible)

    // The lab's time has gone on since the last reading that is left.
    let resumed = try await Command("resume", session.path, "--json")
    #expect([0, 13].contains(resumed.status))
    if resumed.status == 13 {
      #expect(resumed.errors.contains("the run was interrupted during program"))
      #expect(rig.totalPulses == sent)
    }
  }
}

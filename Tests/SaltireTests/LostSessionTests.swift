import Foundation
import SaltireCore
import SaltirePrograms
import SaltireRecords
import SaltireTesting
import Testing

/// Sessions that are taken away from their run, and disks that stop answering.
@Suite struct LostSessionTests {
  /// What somebody does in another terminal.
  enum Mishap: String, CaseIterable {
    case deleted, truncated, replaced, overwritten, moved, withoutLog, folderDeleted

    /// - Parameter session: the file.
    func happen(to session: URL) throws {
      let files = FileManager.default
      switch self {
      case .deleted: try files.removeItem(at: session)
      case .truncated: truncate(session.path, 0)
      case .replaced:
        let copy = session.appendingPathExtension("copy")
        try files.copyItem(at: session, to: copy)
        rename(copy.path, session.path)
      case .overwritten:
        // Without changing its length, where the manifest is.
        let file = try FileHandle(forWritingTo: session)
        try file.write(contentsOf: Data(repeating: 0x55, count: 1 << 16))
        try file.close()
      case .moved:
        try files.moveItem(at: session, to: session.appendingPathExtension("old"))
      case .withoutLog: try files.removeItem(atPath: session.path + "-wal")
      case .folderDeleted: try files.removeItem(at: session.deletingLastPathComponent())
      }
    }
  }

  /// The run ends, also within a program, with every output off, and says from when
  /// on nothing is kept.
  @Test(arguments: Mishap.allCases)
  func noPulseGoesIntoALostSession(mishap: Mishap) async throws {
    let rig = try ServedRig("simulated-one-device")
    let running = try Running(
      rig.run("crossed-swords", ["swords.pulses=1000", "swords.cycles=300"]))
    try #require(running.hears("crossed swords A1"))
    // Without a suspension: a busy machine would come back when the run is over.
    while rig.totalPulses < 2000 { HostTime.block(0.001) }
    let session = try #require(rig.sessions.first)
    try mishap.happen(to: session)
    let (status, _, errors) = await running.end()
    #expect(status == 74, "\(errors)")
    #expect(errors.contains("was lost: "))
    #expect(errors.contains("measurements since 20"))
    #expect(!errors.contains("all measurements are in the session"))
    #expect(rig.energised.isEmpty)
    // What took its place is not touched.
    if mishap == .replaced { #expect(FileManager.default.fileExists(atPath: session.path)) }
  }

  /// Models die with their process; there is no use in going on all the same.
  @Test func norDoModelsGoOn() async throws {
    let folder = try TemporaryFolder()
    let running = try Running([
      "run", "protocols/sgd-one-parameter.yaml", "--bench", "instruments/benches/model.yaml",
      "--out", folder.path("out"), "--set", "replicas=1000000",
    ])
    #expect(running.hears("training to -0.7"))
    try Mishap.folderDeleted.happen(to: folder["out/sgd-one-parameter-001.saltire"])
    let (status, _, errors) = await running.end()
    #expect(status == 74, "\(errors)")
    #expect(errors.contains("was lost: it was deleted or moved"))
  }

  /// A sync that does not end: no program begins before its intent is on the disk,
  /// the levels go to idle, and then the run ends, before the disk comes back.
  @Test func aDiskThatDoesNotAnswerEndsTheRun() async throws {
    let rig = try ServedRig("simulated-one-device")
    let run = try await Command(
      rig.run("crossed-swords", ["swords.pulses=20", "swords.cycles=40"]),
      within: ServedRig.shim(
        over: rig.folder["out"], ["LOG": rig.folder.path("log"), "HANGS_AFTER": "20"]))
    #expect(run.status == 74, "\(run.errors)")
    #expect(run.errors.contains("its disk has not responded for 10 s"), "\(run.errors)")
    #expect(rig.energised.isEmpty)
    let log = try DiskLog(rig.folder["log"])
    let hang = try #require(
      log.events.firstIndex { if case .hang = $0 { true } else { false } })
    let later = log.sent.filter { $0.key > hang }.sorted { $0.key < $1.key }.map(\.value)
    #expect(!later.contains { $0.contains("loadandrunscript") })
    let idle = try #require(later.firstIndex { $0.contains("source.levelv=0") })
    let off = try #require(later.firstIndex { $0.contains("OUTPUT_OFF") })
    #expect(idle < off)

    // Every pulse has its intent.
    let session = try Session.open(try #require(rig.sessions.first))
    let recorded = try (0..<session.stepCount()).reduce(0) { sum, n in
      let doses = try #require(try session.step(n)).program.doses(on: rig.wiring)
      return sum + doses.values.reduce(0) { $0 + $1.pulses }
    }
    try session.close()
    #expect(rig.totalPulses > 0 && rig.totalPulses <= recorded)
  }
}

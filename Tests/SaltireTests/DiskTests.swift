import Foundation
import SaltireCore
import SaltirePrograms
import SaltireRecords
import SaltireTesting
import Testing

/// Disks that take no more, or nothing.
@Suite struct DiskTests {
  private static let swords = ["swords.pulses=40", "swords.cycles=2"]

  /// The disk is full after so many bytes of the session: status 74, a message
  /// that says so, outputs off, and a session that opens, or none.
  @Test(arguments: [0, 5000, 9000, 40_000, 62_000, 90_000, 120_000, 170_000])
  func aFullDiskEndsTheRunInOrder(room: Int) async throws {
    let rig = try ServedRig("simulated-one-device")
    let run = try await Command(
      rig.run("crossed-swords", Self.swords),
      within: ServedRig.shim(over: rig.folder["out"], ["FULL_AFTER": "\(room)"]))
    #expect(run.status == 74, "\(run.errors)")
    #expect(run.errors.contains("disk is full"), "\(run.errors)")
    #expect(rig.energised.isEmpty)
    guard let path = rig.sessions.first else {
      // Without a record nothing has moved.
      #expect(rig.totalPulses == 0)
      #expect(rig.folder.content("out").isEmpty)
      return
    }
    let session = try Session.open(path)
    let recorded = try (0..<session.stepCount()).reduce(0) { sum, n in
      let doses = try #require(try session.step(n)).program.doses(on: rig.wiring)
      return sum + doses.values.reduce(0) { $0 + $1.pulses }
    }
    #expect(rig.totalPulses <= recorded)
    _ = try session.notebook()
    _ = try session.ending()
    try session.close()
    #expect(try await Command("show", path.path).status == 0)
  }

  /// Nothing is energised where no session can be made.
  @Test func aFolderThatCannotBeWrittenIsRefusedBefore() async throws {
    let rig = try ServedRig("simulated-one-device")
    try FileManager.default.createDirectory(
      at: rig.folder["out"], withIntermediateDirectories: true)
    let run = try await Command(
      rig.run("crossed-swords", Self.swords),
      within: ServedRig.shim(over: rig.folder["out"], ["READ_ONLY": "1"]))
    #expect(run.status == 74)
    #expect(run.errors.contains("Read-only file system"))
    #expect(rig.totalPulses == 0)
    #expect(rig.folder.content("out").isEmpty)

    try FileManager.default.removeItem(at: rig.folder["out"])
    _ = try rig.folder.write("no folder", "out")
    let other = try await Command(rig.run("crossed-swords", Self.swords))
    #expect(other.status == 74)
    #expect(rig.totalPulses == 0)
  }

  /// A record whose end is in the file beside it, in a folder that cannot be
  /// written, is not called something else than a session.
  @Test func aSessionOnAReadOnlyDiskIsReadOrSaysWhyNot() async throws {
    let folder = try TemporaryFolder()
    let whole = try await Command(
      "run", "protocols/crossed-swords.yaml", "--bench", "instruments/benches/model.yaml",
      "--out", folder.path("out"), "--set", "swords.cycles=1")
    #expect(whole.status == 0)
    let shim = ServedRig.shim(over: folder["out"], ["READ_ONLY": "1"])
    let path = folder.path("out/crossed-swords-001.saltire")
    #expect(try await Command(["show", path], within: shim).status == 0)
    #expect(try await Command(["resume", path], within: shim).status == 65)

    let session = try Session.create(
      at: folder["out/open.saltire"],
      manifest: try Session.open(URL(fileURLWithPath: path)).manifest, durability: .processCrash)
    try session.add(.phase("training"))
    for name in ["", "-wal"] {
      try FileManager.default.copyItem(
        at: folder["out/open.saltire\(name)"], to: folder["out/cut.saltire\(name)"])
    }
    try session.close()
    let cut = folder.path("out/cut.saltire")
    let shown = try await Command(["show", cut], within: shim)
    #expect(shown.status == 0 || shown.errors.contains("are its file and its folder writable"))
    let resumed = try await Command(["resume", cut], within: shim)
    #expect(resumed.status == 74, "\(resumed.errors)")
    #expect(try await Command("show", cut).status == 0)
  }

  /// A record with every program, of a run that could not say how it ended: it ends
  /// now as it would have then, also with a verdict.
  @Test(arguments: [0, 11] as [Int32])
  func aRunThatLacksOnlyItsEndIsEnded(status: Int32) async throws {
    let folder = try TemporaryFolder()
    let run = try await Command(
      [
        "run", "protocols/crossed-swords.yaml", "--bench", "instruments/benches/model.yaml",
        "--out", folder.path("out"), "--seed", "1",
      ]
        + (status == 0
          ? ["--set", "swords.cycles=2"]
          : ["--set", "swords.pulses=10", "--set", "swords.cycles=1"]))
    #expect(run.status == status, "\(run.errors)")
    let url = folder["out/crossed-swords-001.saltire"]
    let session = try Session.reopen(url, durability: .powerLoss)
    let ending = try #require(try session.ending())
    var cut = ending
    cut.outcome = nil
    try session.finish(cut)
    try session.close()
    let resumed = try await Command("resume", url.path)
    #expect(resumed.status == status, "\(resumed.errors)")
    #expect(try Session.open(url).ending()?.outcome == ending.outcome)
  }

  /// Two programs would each believe that they drive the devices.
  @Test func aSessionThatIsBeingWrittenIsLeftAlone() async throws {
    let folder = try TemporaryFolder()
    let run = try await Command(
      "run", "protocols/zero-shift.yaml", "--bench", "instruments/benches/model.yaml",
      "--out", folder.path("out"), "--set", "limits.session.pulses=29000")
    #expect(run.status == 10)
    let path = folder.path("out/zero-shift-001.saltire")
    let session = try Session.reopen(URL(fileURLWithPath: path), durability: .powerLoss)
    let before = try session.stepCount()
    let resumed = try await Command("resume", path)
    #expect(resumed.status == 75)
    #expect(resumed.errors.contains("is being written by another process"))
    #expect(try session.stepCount() == before)
    #expect(try await Command("show", path).status == 0)
    try session.close()
  }
}

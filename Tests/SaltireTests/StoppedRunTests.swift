import Foundation
import SaltireRecords
import SaltireTesting
import Testing

@testable import saltire

/// Runs that end early.
@Suite struct StoppedRunTests {
  private static let bench = "instruments/benches/model.yaml"
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [
    ("limits.session.pulses=29000", "pulses exceed the 29000 allowed in one session"),
    ("limits.conductance.max=4 uS", "is outside the conductance window, whose bound is 4 µS"),
  ])
  func aLimitStopsTheRun(setting: String, message: String) async throws {
    let arguments = [
      "run", "protocols/zero-shift.yaml", "--bench", Self.bench, "--out", folder.path("out"),
      "--set",
      setting,
    ]
    let run = try await Command(arguments + ["--json"])
    #expect(run.status == 10)
    let document = try #require(run.document)
    #expect(document.at("error.code") == .integer(10))
    #expect(document.at("error.message")?.text?.contains(message) == true)
    #expect(document.at("error.file")?.text == "command line")
    #expect(document["safe"] == .bool(true))
    #expect(document["outcome"] == nil)
    let pulses = try #require(document["pulses"]?.number)
    #expect(pulses > 0 && pulses <= 29000)

    let session = try #require(document["session"]?.text)
    #expect(folder.content("out") == ["zero-shift-001.saltire"])
    let shown = try await Command("show", session)
    #expect(shown.status == 0)
    #expect(shown.output.contains(message))
    let record = try Session.open(URL(fileURLWithPath: session))
    #expect(try record.stepCount() > 2)
    #expect(try record.ending()?.exitCode == 10)
    #expect(try record.notebook().tables.contains { $0.table.title == "swords A1" })
    try record.close()
    // A replay gets as far as the run did.
    let replay = try await Command("replay", session)
    #expect(replay.status == 10)

    let told = try await Command(arguments)
    #expect(told.status == 10)
    #expect(told.errors.contains("--> command line:"))
  }
  /// Ctrl-C in the middle of the training: exit 130, everything safe, and a
  /// session that holds what was done.
  @Test func anInterruptedRunIsSafeAndComplete() async throws {
    let run = try Running([
      "run", "protocols/sgd-one-parameter.yaml", "--bench", Self.bench, "--out", folder.path("out"),
      "--set", "replicas=1000000", "--json",
    ])
    #expect(run.hears("training to -0.7"))
    run.interrupt()
    let (status, output, errors) = await run.end()
    #expect(status == 130)
    let document = try #require(JSONValue(text: output))
    #expect(document.at("error.code") == .integer(130))
    #expect(document["safe"] == .bool(true))
    #expect(!errors.contains("training to -0.5"))
    #expect(folder.content("out") == ["sgd-one-parameter-001.saltire"])
    let session = try Session.open(
      URL(fileURLWithPath: folder.path("out/sgd-one-parameter-001.saltire")))
    let ending = try #require(try session.ending())
    #expect(ending.safe)
    #expect(ending.exitCode == 130)
    #expect(ending.outcome == nil)
    #expect(try session.notebook().finding(.swords, of: "C1") != nil)
    let last = try session.stepCount() - 1
    #expect(try #require(try session.step(last)).observations != nil)
    try session.close()
    #expect(try await Command("show", folder.path("out/sgd-one-parameter-001.saltire")).status == 0)
  }

  /// A program that takes longer than a run that is asked to end may is not
  /// waited for, whoever asks.
  @Test func aRequestEndsALongProgram() async throws {
    try await interruptible { stop in
      let (forever, end) = AsyncStream.makeStream(of: Never.self)
      stop.request()
      #expect(stop.isRequested)
      for await _ in forever {}
      #expect(Task.isCancelled)
      withExtendedLifetime(end) {}
    }
  }

  /// Half of a dry run says nothing about the whole, and is not shown.
  @Test func anInterruptedDryRunShowsNothing() async throws {
    let run = try Running([
      "run", "protocols/sgd-one-parameter.yaml", "--bench", Self.bench, "--out",
      folder.path("out"), "--set", "replicas=1000000", "--dry-run",
    ])
    #expect(run.hears("estimating"))
    run.interrupt()
    let (status, output, errors) = await run.end()
    #expect(status == 130)
    #expect(output.isEmpty)
    #expect(errors.contains("interrupted; nothing was sent"))
    #expect(folder.content("out").isEmpty)
  }

  /// A process that is killed loses some hundred programs at most; what there
  /// is can be read.
  @Test func aKilledRunLeavesASession() async throws {
    let run = try Running([
      "run", "protocols/sgd-one-parameter.yaml", "--bench", Self.bench, "--out",
      folder.path("out"), "--set", "replicas=1000000",
    ])
    #expect(run.hears("training to -0.7"))
    run.kill()
    #expect(await run.end().status == -SIGKILL)
    let path = folder.path("out/sgd-one-parameter-001.saltire")
    let shown = try await Command("show", path)
    #expect(shown.status == 0)
    #expect(shown.output.contains("its run was interrupted, so it has no outcome"))
    #expect(try await Command("show", path, "--json").status == 65)
    let replay = try await Command("replay", path)
    #expect(replay.status == 65)
    #expect(replay.errors.contains("the recorded run ended before program"))
    let session = try Session.open(URL(fileURLWithPath: path))
    #expect(try session.stepCount() > 100)
    #expect(try session.notebook().phases.first == "crossed swords C1")
    try session.close()
  }
}

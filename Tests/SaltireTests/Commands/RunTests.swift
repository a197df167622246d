import Foundation
import SaltireRecords
import SaltireTesting
import Testing

/// Runs of the program as a user starts them.
@Suite struct RunTests {
  private let folder: TemporaryFolder
  private let bench = "instruments/benches/model.yaml"
  /// Short swords of one device.
  private let short = ["--set", "swords.cycles=2", "--set", "measure=A1"]

  init() throws { folder = try TemporaryFolder() }

  private func run(_ name: String, _ more: [String] = [], out: String = "out") async throws
    -> Command
  {
    try await Command(
      ["run", "protocols/\(name).yaml", "--bench", bench, "--out", folder.path(out)] + more)
  }

  @Test func aRunPrintsOneDocument() async throws {
    let run = try await run("zero-shift", ["--json"])
    #expect(run.status == 0)
    let document = try #require(run.document)
    let session = try #require(document["session"]?.text)
    #expect(session == folder.path("out/zero-shift-001.saltire"))
    #expect(folder.content("out") == ["zero-shift-001.saltire"])
    #expect(document["experiment"] == .string("zero-shift"))
    #expect(document["seed"] == .integer(1))
    #expect(document["safe"] == .bool(true))
    #expect(document["error"] == nil)
    for key in ["duration_s", "wall_s", "pulses"] {
      #expect(try #require(document[key]?.number) > 0)
    }
    for device in ["A1", "A2", "C1", "C2"] {
      let found = try #require(document.at("outcome.devices.\(device)"))
      let point = try #require(found.at("symmetry_point.value")?.number)
      let truth = try #require(found.at("truth.symmetry_point.value")?.number)
      #expect(abs(point - truth) < 0.2e-6)
      #expect(try #require(found.at("symmetry_point.standard_error")?.number) > 0)
      #expect(found.at("symmetry_point.unit") == .string("S"))
      let low = try #require(found.at("range.min")?.number)
      let high = try #require(found.at("range.max")?.number)
      #expect(low < point && point < high)
      let scale = try #require(found["weight_scale"]?.number)
      #expect(abs(scale / ((high - low) / 2) - 1) < 1e-9)
      #expect(found["converged"] == .bool(true))
      #expect(try #require(found["pairs"]?.number) >= 10)
      #expect(found.at("truth.kappa")?.number != nil)
    }
    // Progress is no part of the document.
    #expect(run.errors.contains("zero shift C2"))
    let shown = try await Command("show", session, "--json")
    #expect(shown.status == 0)
    #expect(shown.document == document)
  }

  @Test func aRunPrintsASummaryWithTheNextCommand() async throws {
    let run = try await run("crossed-swords", short)
    #expect(run.status == 0)
    let session = folder.path("out/crossed-swords-001.saltire")
    #expect(run.output.hasPrefix("crossed-swords: done\n  A1  symmetry point "))
    #expect(run.output.contains("outputs confirmed safe\n"))
    #expect(run.output.hasSuffix("next     saltire report \(session)\n"))
    let shown = try await Command("show", session)
    #expect(shown.status == 0)
    #expect(shown.output.contains("set       swords.cycles=2\n"))
    #expect(shown.output.contains("limit     gate.voltage 5 V\n"))
    let program = try await Command("show", session, "--program", "2")
    #expect(program.output.contains("repeat 50 ×\n  pulse GA1 -4 V; 1 × 10 ms"))
    let beyond = try await Command("show", session, "--program", "99999")
    #expect(beyond.status == 65)
  }

  /// The line to copy names the session also where a shell would take its path for something else.
  @Test func theNextCommandIsQuoted() async throws {
    let out = folder.path("conor o'brien's $HOME")
    let run = try await Command([
      "run", "protocols/crossed-swords.yaml", "--bench", "instruments/benches/model.yaml", "--out",
      out, "--set", "measure=[A1]", "--set", "swords.cycles=1",
    ])
    let quoted =
      "'\(folder.url.path)/conor o'\\''brien'\\''s $HOME/crossed-swords-001.saltire'"
    #expect(run.output.hasSuffix("next     saltire report \(quoted)\n"), "\(run.output)")
  }

  @Test func sessionsAreNumberedAndNeverOverwritten() async throws {
    for _ in 0..<3 { #expect(try await run("crossed-swords", short).status == 0) }
    #expect(folder.content("out") == (1...3).map { "crossed-swords-00\($0).saltire" })
  }

  @Test func theSameSeedGivesTheSameOutcomeText() async throws {
    var outcomes: [String] = []
    for seed in [3, 3, 4] {
      let run = try await run("crossed-swords", short + ["--json", "--seed", "\(seed)"])
      outcomes.append(try #require(run.document?["outcome"]).text(indented: true))
    }
    #expect(outcomes[0] == outcomes[1])
    #expect(outcomes[0] != outcomes[2])
  }

  /// Seeds are 64 bits, and a document must not say another one.
  @Test func theLargestSeedIsToldAsItIs() async throws {
    let run = try await run("crossed-swords", short + ["--json", "--seed", "\(UInt64.max)"])
    #expect(run.document?["seed"] == .string("18446744073709551615"))
    let session = try #require(run.document?["session"]?.text)
    #expect(try await Command("replay", session).status == 0)
  }

  @Test(arguments: ["crossed-swords", "zero-shift", "shd", "sgd"])
  func aReplayComesToTheRecordedOutcome(protocolName: String) async throws {
    let run = try await run(protocolName, ["--json", "--set", "swords.cycles=2"])
    #expect(run.status == 0)
    let session = folder.path("out/\(protocolName)-001.saltire")
    let before = try Data(contentsOf: URL(fileURLWithPath: session))
    let replay = try await Command("replay", session, "--json")
    #expect(replay.status == 0)
    #expect(replay.document?["replayed"] == .bool(true))
    let outcome = try #require(replay.document?["outcome"])
    #expect(outcome == run.document?["outcome"])
    // A record is read and never written.
    #expect(try Data(contentsOf: URL(fileURLWithPath: session)) == before)
    #expect(folder.content("out") == ["\(protocolName)-001.saltire"])
  }

  @Test func aReplayOfAnotherProtocolShowsWhereItDiverges() async throws {
    #expect(try await run("crossed-swords", short).status == 0)
    let session = folder.path("out/crossed-swords-001.saltire")
    let replay = try await Command("replay", session, "--set", "pulse.settle=60 ms")
    #expect(replay.status == 13)
    #expect(replay.errors.contains("divergence(2): program 2 differs"))
    #expect(replay.errors.contains("rest 50 ms") && replay.errors.contains("rest 60 ms"))
    let recorded = try #require(replay.errors.range(of: "recorded:\n"))
    let asked = try #require(replay.errors.range(of: "asked now:\n"))
    #expect(recorded.upperBound < asked.lowerBound)
    // The same by a protocol file, earlier in the record.
    let text = try String(
      contentsOf: Command.root.appendingPathComponent("protocols/crossed-swords.yaml"),
      encoding: .utf8)
    let other = try folder.write(
      text.replacingOccurrences(of: "integration: 20 ms", with: "integration: 40 ms"), "o.yaml")
    let second = try await Command("replay", session, "--protocol", other)
    #expect(second.status == 13)
    #expect(second.errors.contains("divergence(0)"))
  }

  /// A program that computes something else from the same observations is
  /// found out by the outcome: here a digit of the recorded one is changed.
  @Test func aReplayComparesTheOutcome() async throws {
    #expect(try await run("crossed-swords", short).status == 0)
    let url = URL(fileURLWithPath: folder.path("out/crossed-swords-001.saltire"))
    var session = try Data(contentsOf: url)
    // The outcome is a text inside the ending's JSON, hence the backslash.
    let key = try #require(session.range(of: Data(#"weight_scale\":"#.utf8)))
    session[key.upperBound] ^= 1
    try session.write(to: url)
    let replay = try await Command("replay", url.path)
    #expect(replay.status == 13)
    #expect(replay.errors.contains("but the outcome differs"))
  }

  @Test func aVerdictHasAStatusOfItsOwn() async throws {
    let run = try await Command(
      "run", "protocols/crossed-swords.yaml", "--bench",
      "instruments/benches/model-symmetric.yaml", "--out", folder.path("out"), "--json", "--set",
      "measure=A1")
    #expect(run.status == 11)
    #expect(run.document?.at("error.code") == .integer(11))
    #expect(run.document?.at("error.message")?.text?.contains("no symmetry point") == true)
    #expect(run.document?.at("outcome.devices.A1.symmetry_point") == .null)
    #expect(run.document?["safe"] == .bool(true))
    // It finished, so it replays.
    let session = folder.path("out/crossed-swords-001.saltire")
    #expect(try await Command("replay", session).status == 0)
  }

  @Test func aDryRunEstimatesAndLeavesNothing() async throws {
    let dry = try await run("shd", ["--dry-run", "--json"])
    #expect(dry.status == 0)
    #expect(folder.content("out") == [])
    #expect(dry.document?["dry_run"] == .bool(true))
    let real = try await run("shd", ["--json"])
    // Nominal devices take what drawn ones take, roughly.
    for key in ["duration_s", "pulses"] {
      let estimate = try #require(dry.document?[key]?.number)
      let actual = try #require(real.document?[key]?.number)
      #expect(estimate / actual > 0.7 && estimate / actual < 1.4)
    }
  }

  /// What a watch costs is in the dry run: 2 checks of 2 devices.
  @Test func aDryRunSaysWhatAWatchCosts() async throws {
    let settings = watch("warn", tolerance: 0.2)
    let dry = try await run("shd", ["--dry-run", "--json"] + settings)
    let plain = try await run("shd", ["--dry-run", "--json", "--set", "samples=200"])
    #expect(dry.document?.at("watch.pulses") == .integer(2 * 2 * 2 * 2000))
    let seconds = try #require(dry.document?.at("watch.duration_s")?.number)
    #expect(abs(seconds - 2 * 2 * 2000 * 2 * 0.08) < 1e-3)
    #expect(plain.document?["watch"] == nil)
    let text = try await run("shd", ["--dry-run"] + settings)
    #expect(text.output.contains("of this, watch  21 min 20 s, 16000 pulses"))
  }

  /// A reference that was measured in haste and a tolerance of nothing: the
  /// watch finds the one outside the other, and does as it is told. What it
  /// saw replays, and the report draws it.
  @Test func aWatchActsOnWhatItFinds() async throws {
    let warned = try await run("shd", ["--json", "--seed", "2"] + watch("warn", tolerance: 1e-6))
    #expect(warned.status == 0)
    #expect(warned.errors.contains("warning: A"))
    #expect(warned.document?.at("outcome.samples") == .integer(200))
    #expect(warned.document?.at("outcome.watch.tolerance") == .number(1e-6))
    let stopped = try await run("shd", ["--seed", "2"] + watch("stop", tolerance: 1e-6))
    #expect(stopped.status == 11)
    #expect(stopped.errors.contains("beyond watch.tolerance 0.000001"))
    #expect(stopped.output.contains("outputs confirmed safe"))
    #expect(stopped.output.contains("drift of the symmetry points: A1 "))
    for name in ["shd-001", "shd-002"] {
      let session = folder.path("out/\(name).saltire")
      #expect(try await Command("replay", session).status == 0)
    }
    let session = folder.path("out/shd-002.saltire")
    let shown = try await Command("show", session, "--json")
    #expect(shown.document?.at("outcome.samples") == .integer(100))
    let report = try await Command("report", session, "--out", folder.path("report"))
    #expect(report.status == 0)
    #expect(folder.content("report").contains("symmetry-watch.svg"))
    #expect(folder.content("report").contains("watch-A1.csv"))
  }

  /// Checks after samples 100 and 200 that know well, of references that do
  /// not.
  private func watch(_ policy: String, tolerance: Double) -> [String] {
    [
      "samples=200", "zero_shift.tolerance=10", "zero_shift.standard_error=10", "watch.every=100",
      "watch.pairs=2000", "watch.tolerance=\(tolerance)", "watch.policy=\(policy)",
    ].flatMap { ["--set", $0] }
  }

  @Test func aCheckSaysWhatItChecked() async throws {
    let check = try await Command("check", bench)
    #expect(check.status == 0)
    #expect(check.output.contains("array A  row RA: A1 (gate GA1, drain DA1), A2"))
    for name in [
      "crossed-swords", "zero-shift", "shd", "sgd", "shd-one-parameter",
      "sgd-one-parameter",
    ] {
      let check = try await Command("check", "protocols/\(name).yaml", "--bench", bench)
      #expect(check.status == 0)
      #expect(check.output.contains("a \(name) protocol, within the limits of \(bench)"))
    }
  }
}

import Foundation
import SaltireRecords
import SaltireTesting
import Testing

/// `saltire train`, from the protocol to the report.
@Suite struct TrainTests {
  private let folder: TemporaryFolder
  private let text: String

  init() throws {
    folder = try TemporaryFolder()
    text = try folder.write(
      String(repeating: "the quick brown fox jumps over the lazy dog\n", count: 100), "text.txt")
  }

  private func arguments(_ more: [String], epochs: Int = 1) -> [String] {
    [
      "train", "protocols/network.yaml", "--out", folder.path("out"), "--set", "text.file=\(text)",
      "--set", "text.train=4000", "--set", "text.test=300", "--set", "network.hidden=[16]",
      "--set", "learning.pairs=10", "--set", "watch.row=3", "--set", "run.report=1000", "--set",
      "run.epochs=\(epochs)",
    ] + more
  }

  @Test func aTrainingIsRecordedAndReported() async throws {
    let run = try await Command(arguments(["--json"]))
    #expect(run.status == 0, "\(run.errors)")
    let document = try #require(run.document)
    let session = try #require(document["session"]?.text)
    guard case .array(let networks)? = document.at("outcome.networks") else {
      Issue.record("\(run.output)")
      return
    }
    #expect(networks.count == 1)
    #expect((networks[0]["test_cross_entropy"]?.number ?? 9) < 3.4)
    let report = try await Command("report", session, "--out", folder.path("report"))
    #expect(report.status == 0, "\(report.errors)")
    let files = folder.content("report")
    for file in ["learning.svg", "weight-network.png", "curve-network.csv", "report.html"] {
      #expect(files.contains(file), "\(files)")
    }
    let page = try String(contentsOf: folder["report/report.html"], encoding: .utf8)
    #expect(page.contains("The training finished."))
    #expect(!page.contains("outputs"))
    // Beside itself: the same label twice.
    let both = try await Command(
      "report", session, "--with", session, "--out", folder.path("both"))
    #expect(both.status == 0, "\(both.errors)")
    let drawing = try String(contentsOf: folder["both/learning.svg"], encoding: .utf8)
    #expect(drawing.contains("network, text-network-001"))
    let along = try String(contentsOf: folder["both/report.html"], encoding: .utf8)
    #expect(along.contains("drawn along"))
    let show = try await Command("show", session)
    #expect(show.status == 0)
    #expect(!show.output.contains("bench  "))
    let replay = try await Command("replay", session)
    #expect(replay.status == 65)
    #expect(replay.errors.contains("is a training session"))
  }

  /// Ctrl-C, then `--resume`: the outcome is that of a training in one go.
  @Test func anInterruptedTrainingIsTakenUp() async throws {
    let whole = try await Command(arguments(["--json"], epochs: 6))
    let checkpoint = ["--checkpoint", folder.path("checkpoint"), "--json"]
    let run = try Running(arguments(checkpoint, epochs: 6))
    #expect(run.hears("epoch 1"))
    run.interrupt()
    let (status, output, _) = await run.end()
    #expect(status == 130)
    #expect(JSONValue(text: output)?["outcome"] == nil)
    let resumed = try await Command(arguments(checkpoint + ["--resume"], epochs: 6))
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.document?["outcome"] != nil)
    #expect(resumed.document?["outcome"] == whole.document?["outcome"])
    let other = try await Command(arguments(checkpoint + ["--resume", "--seed", "2"], epochs: 6))
    #expect(other.status == 65)
    #expect(other.errors.contains("was written with a different protocol"))
  }

  @Test func whatIsMissingIsSaid() async throws {
    let novel = try await Command("train", "protocols/figure-4.yaml", "--out", folder.path("out"))
    #expect(novel.status == 65)
    #expect(novel.errors.contains("protocols/warpeace_input.txt'"))
    #expect(novel.errors.contains("--set text.file=PATH"))
    let bench = try await Command("train", "protocols/shd.yaml")
    #expect(bench.status == 65)
    #expect(bench.errors.contains("it runs on a bench: use 'saltire run'"))
    let trained = try await Command(
      "run", "protocols/network.yaml", "--bench", "instruments/benches/model.yaml")
    #expect(trained.status == 65)
    #expect(trained.errors.contains("it needs no bench: use 'saltire train'"))
    #expect(try await Command("train", "protocols/network.yaml", "--resume").status == 64)
    let check = try await Command(
      "check", "protocols/network.yaml", "--set", "text.file=\(text)", "--set", "text.train=4000",
      "--set", "text.test=300")
    #expect(check.status == 0, "\(check.errors)")
    #expect(check.output.contains("a text-network protocol"))
    // Relative to where it was typed, and said with the folder.
    let typed = try await Command(
      "train", "protocols/network.yaml", "--set", "text.file=nowhere.txt")
    let path = Command.root.appendingPathComponent("nowhere.txt").path
    #expect(typed.errors.contains("cannot read the text '\(path)'"), "\(typed.errors)")
    #expect(folder.content("out") == [])
  }
}

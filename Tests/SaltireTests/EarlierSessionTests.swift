import Foundation
import SaltireCore
import SaltireExperiments
import SaltireFigures
import SaltireRecords
import SaltireTesting
import Testing

/// Sessions that earlier versions recorded, kept as they were: `Fixtures/README.md` says
/// by which commits.
@Suite struct EarlierSessionTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// A copy of a session, with the file beside it where there is one.
  private func copy(_ name: String, format: Int) throws -> String {
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/format-\(format)")
    for suffix in ["", "-wal"] {
      let file = fixtures.appendingPathComponent("\(name).saltire\(suffix)")
      guard suffix.isEmpty || FileManager.default.fileExists(atPath: file.path) else { continue }
      try FileManager.default.copyItem(at: file, to: folder["\(name).saltire\(suffix)"])
    }
    return folder.path("\(name).saltire")
  }

  /// Read, reported and replayed bit for bit, though analysis and pre-flight have changed
  /// since; reading changes no byte.
  @Test(arguments: [1, 2, 3], ["models", "bytes"])
  func theyAreReadReportedAndReplayed(format: Int, name: String) async throws {
    let path = try copy(name, format: format)
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let shown = try await Command("show", path)
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("symmetry point 2."), "\(shown.output)")
    #expect(shown.output.contains("zero-shifting "), "\(shown.output)")
    let replayed = try await Command("replay", path)
    #expect(replayed.status == 0, "\(replayed.errors)")
    #expect(replayed.output.hasSuffix("replay   identical to the recorded outcome\n"))
    // The analysis of format 3 is this version's; what was recorded before is kept all the same.
    #expect(replayed.errors.contains("this version computes") == (format < 3))

    let session = try Session.open(URL(fileURLWithPath: path))
    let notebook = try session.notebook()
    #expect(Set(notebook.tables.map(\.table.subject)).isSubset(of: ["A1", "C1", "0.3"]))
    #expect(notebook.subjects(of: .swords) == [name == "models" ? "A1" : "C1"])
    let report = try SessionReport(session)
    let figures = ["conductance", "crossed-swords", "zero-shift"]
    let training = ["training-0.3", "error-0.3"]
    #expect(
      report.figures.map(\.name).sorted() == (figures + (name == "models" ? [] : training)).sorted()
    )
    #expect(report.tables.map(\.name).contains(name == "models" ? "swords A1" : "weights 0.3"))
    #expect(try session.transcript().lines.isEmpty == (name == "models" || format == 1))
    try session.close()
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  /// A verdict that was a sentence is its code.
  @Test(arguments: [1, 2, 3])
  func verdictsAreCodes(format: Int) async throws {
    let document = try #require(
      try await Command("show", copy("models", format: format), "--json").document)
    let device = document["outcome"]?["devices"]?["A1"]
    #expect(device?["verdict"]?["in_words"]?["text"] != nil)
  }

  /// What was cut off is resumed where it ended, and replays from then on.
  @Test(arguments: [1, 2, 3])
  func whatWasCutOffIsResumed(format: Int) async throws {
    let path = try copy("cut-off", format: format)
    let shown = try await Command("show", path)
    #expect(shown.output.contains("its run was interrupted"))
    let count = try Session.open(URL(fileURLWithPath: path)).stepCount()
    #expect(count > 400)
    let cut = try await Command("replay", path)
    #expect(cut.status == 65 && cut.errors.contains("ended before program \(count)"))

    let resumed = try await Command("resume", path)
    #expect(resumed.status == 11, "\(resumed.errors)")
    #expect(resumed.errors.contains("zero-shifting has not converged"))
    #expect(resumed.output.contains("parameter 1  target 0.3"))
    let session = try Session.open(URL(fileURLWithPath: path))
    #expect(try session.stepCount() > count + 1000)
    let replayed = try await Command("replay", path)
    #expect(replayed.status == 0, "\(replayed.errors)")
    #expect(replayed.output.contains("identical"))
  }
}

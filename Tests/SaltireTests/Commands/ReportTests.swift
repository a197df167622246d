import Foundation
import SaltireRecords
import SaltireTesting
import Testing

/// What `saltire report` writes, with rsvg-convert and without.
@Suite struct ReportTests {
  private let folder: TemporaryFolder
  private let session: String

  init() async throws {
    folder = try TemporaryFolder()
    let run = try await Command(
      "run", "protocols/crossed-swords.yaml", "--bench", "instruments/benches/model.yaml",
      "--out", folder.path("out"), "--set", "swords.pulses=40", "--set", "swords.cycles=1",
      "--json")
    session = try #require(run.document?["session"]?.text)
  }

  private func names(_ extension: String) -> [String] {
    folder.content("report").filter { $0.hasSuffix(".\(`extension`)") }
      .map { String($0.dropLast(`extension`.count + 1)) }
  }

  @Test func figuresAreVectorsAndPixelsAndPDFWhereAsked() async throws {
    let plain = try await Command("report", session, "--out", folder.path("report"))
    #expect(plain.status == 0, "\(plain.errors)")
    #expect(names("svg") == ["conductance", "crossed-swords"])
    #expect(names("png") == names("svg") && names("pdf") == [])
    let pdf = try await Command("report", session, "--out", folder.path("report"), "--pdf")
    #expect(pdf.status == 0, "\(pdf.errors)")
    #expect(names("pdf") == names("svg"))
    let bytes = try Data(contentsOf: folder["report/crossed-swords.pdf"])
    #expect(bytes.starts(with: Data("%PDF-".utf8)))
  }

  /// The page and the figures as SVG need no other program; that PNG is missing is told.
  @Test func withoutRsvgConvertOnlyPicturesOfPixelsAreMissing() async throws {
    let said = try await Command(
      ["report", session, "--out", folder.path("report")], within: ["PATH=/nowhere"])
    #expect(said.status == 74)
    #expect(said.errors.contains("rsvg-convert, which is not installed"), "\(said.errors)")
    #expect(said.errors.contains("apt install librsvg2-bin"))
    #expect(names("svg") == ["conductance", "crossed-swords"])
    #expect(names("png") == [] && names("html") == ["report"] && names("csv") != [])
    #expect(said.output.contains("report/conductance.svg"))
    #expect(said.output.contains("report/report.html"))
    let system = try FakeSystem()
    let doctor = try await Command(
      [
        "doctor", "--root", system.root, "--udev-folder", folder.url.path, "--out",
        folder.path("out"),
      ], within: ["PATH=/nowhere"])
    #expect(doctor.status == 74)
    #expect(doctor.output.contains("apt install librsvg2-bin"), "\(doctor.output)")
  }
}

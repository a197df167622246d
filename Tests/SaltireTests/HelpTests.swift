import Foundation
import Testing

/// The help is what users read first: a change of it is a change to look at.
/// `SALTIRE_RECORD=1` writes the files anew.
@Suite struct HelpTests {
  @Test(arguments: [
    ("help.txt", ["--help"]), ("run-help.txt", ["run", "--help"]),
    ("resume-help.txt", ["resume", "--help"]), ("dose-help.txt", ["dose", "--help"]),
    // What it writes into other people's systems.
    ("udev-rules.txt", ["doctor", "--print-udev"]),
  ])
  func theHelpIsAsItWas(name: String, arguments: [String]) async throws {
    let help = try await Command(arguments)
    #expect(help.status == 0)
    #expect(help.errors == "")
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden").appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["SALTIRE_RECORD"] == "1" {
      try Data(help.output.utf8).write(to: file)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(help.output == expected)
  }

  @Test func theVersionIsToldPlainly() async throws {
    let version = try await Command("--version")
    #expect(version.status == 0)
    #expect(version.output.split(separator: ".").count == 3)
  }
}

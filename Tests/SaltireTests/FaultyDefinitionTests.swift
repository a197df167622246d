import Foundation
import SaltireCore
import SaltireInstruments
import SaltireBenches
import SaltireRecords
import SaltireRig
import SaltireTesting
import Testing

/// An instrument definition with a fault stops who names it, and nobody else.
@Suite struct FaultyDefinitionTests {
  private let folder: TemporaryFolder
  /// Where the fault is, in every test that makes one.
  private static let fault = "instruments/keithley/2400.yaml"

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      at: Command.root.appendingPathComponent("instruments"), to: folder["instruments"])
  }

  private func change(_ old: String, _ new: String) throws {
    let text = try String(contentsOf: folder[Self.fault], encoding: .utf8)
    #expect(text.contains(old))
    _ = try folder.write(text.replacing(old, with: new), Self.fault)
  }

  private func run(_ arguments: String...) async throws -> Command {
    try await Command(arguments, within: ["-C", folder.path("")])
  }

  @Test(arguments: [
    ("\ntitle:", "\ntitel:", "unknown key 'titel'", 4),
    ("\ntitle:", "\ntitle: a:", "not YAML: mapping values are not allowed in this context", 4),
  ])
  func anotherFamilyIsAWarning(old: String, new: String, message: String, line: Int) async throws {
    try change(old, new)
    let list = try await run("list", "--bench", "instruments/benches/simulated.yaml")
    #expect(list.status == 0)
    #expect(list.output.contains("keithley/2636b") && !list.output.contains("keithley/2400"))
    let check = try await run("check", "instruments/benches/simulated.yaml")
    #expect(check.status == 0)
    for told in [list.errors, check.errors] {
      #expect(told.hasPrefix("warning: \(message)"), "\(told)")
      #expect(told.contains("--> \(Self.fault):\(line):") && !told.contains("error: "))
      #expect(told.components(separatedBy: message).count == 2)
    }
    let json = try await run("list", "--json")
    #expect(json.status == 0 && json.document != nil)
    #expect(json.errors.hasPrefix("warning: \(message)"))
    // What it would be, on a bench that names it.
    let named = try await run("check", "instruments/benches/simulated-2400.yaml")
    #expect(named.status == 65)
    #expect(named.errors.hasPrefix("error: \(message)"), "\(named.errors)")
    #expect(named.errors.contains("--> \(Self.fault):\(line):"))
    let simulate = try await run("simulate", "keithley/2400")
    #expect(simulate.status == 65 && simulate.errors.contains("error: \(message)"))
    #expect(try await run("doctor").output.contains("\(Self.fault):\(line):"))
  }

  @Test func aFileThatCannotBeReadIsAWarning() async throws {
    try Data([0xFF, 0xFE, 0x00]).write(to: folder[Self.fault])
    let list = try await run("list")
    #expect(list.status == 0 && list.output.contains("keithley/2636b"))
    #expect(list.errors.contains("warning: instruments/keithley/2400.yaml is not UTF-8 text"))
    #expect(try await run("check", "instruments/benches/simulated-2400.yaml").status == 65)
  }

  /// A session keeps what its bench names, and replays from that.
  @Test func aSessionKeepsTheDefinitionsThatItsBenchNames() async throws {
    try change("\ntitle:", "\ntitel:")
    let run = try await Command([
      "run", "protocols/crossed-swords.yaml", "--bench",
      folder.path("instruments/benches/simulated.yaml"), "--out", folder.path("out"), "--json",
      "--set", "swords.pulses=40", "--set", "swords.cycles=1", "--set", "measure=A1",
    ])
    let path = try #require(run.document?["session"]?.text, "\(run.errors)")
    let manifest = try Session.open(URL(fileURLWithPath: path)).manifest
    #expect(
      manifest.attachments.map(\.name).sorted() == [
        "instruments/keithley/2600b.yaml", "instruments/keysight/33500b.yaml",
      ])
    let replay = try await Command("replay", path)
    #expect(replay.output.contains("identical to the recorded outcome"), "\(replay.errors)")
  }

  /// As sessions were written that keep every definition there was.
  @Test func everyDefinitionMayBeRecorded() throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path("instruments"))
      .filter { $0.hasSuffix(".yaml") && !$0.hasPrefix("benches/") }.sorted()
    let all = try names.map { name in
      Manifest.Source(
        name: "instruments/\(name)",
        text: try String(contentsOf: folder["instruments/\(name)"], encoding: .utf8))
    }
    let text = try String(
      contentsOf: folder["instruments/benches/simulated.yaml"], encoding: .utf8)
    let bench = try BenchFile(
      Document(name: "gone/simulated.yaml", text: text), attachments: all)
    #expect(bench.station?.instruments.map(\.model.name).first == "2636B")
    #expect(bench.attachments == all)
  }
}

import Foundation
import SaltireRecords
import SaltireTesting
import Testing

/// What the user wrote wrong is shown with its place, and nothing happens.
@Suite struct BadInputTests {
  private let folder: TemporaryFolder
  private static let bench = "instruments/benches/model.yaml"

  init() throws { folder = try TemporaryFolder() }

  /// Runs twice, once with `--json`, and compares both with what is wanted;
  /// nothing must have been recorded.
  private func refuses(
    _ protocolPath: String = "protocols/crossed-swords.yaml", bench: String = bench,
    set setting: String? = nil, status: Int32 = 65, place: String?, says words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let arguments =
      ["run", protocolPath, "--bench", bench, "--out", folder.path("out")]
      + (setting.map { ["--set", $0] } ?? [])
    let told = try await Command(arguments)
    #expect(told.status == status, sourceLocation: sourceLocation)
    #expect(told.output == "", sourceLocation: sourceLocation)
    for word in words + (place.map { ["--> \($0)"] } ?? []) {
      #expect(told.errors.contains(word), "\(told.errors)", sourceLocation: sourceLocation)
    }
    let printed = try await Command(arguments + ["--json"])
    #expect(printed.status == status, sourceLocation: sourceLocation)
    let error = try #require(printed.document?["error"], sourceLocation: sourceLocation)
    #expect(error["code"] == .integer(Int(status)), sourceLocation: sourceLocation)
    let message = try #require(error["message"]?.text, sourceLocation: sourceLocation)
    #expect(told.errors.hasPrefix("error: \(message)"), sourceLocation: sourceLocation)
    if told.errors.components(separatedBy: "error: ").count > 2 {
      guard case .array(let faults)? = error["faults"] else {
        Issue.record("\(printed.output)", sourceLocation: sourceLocation)
        return
      }
      let texts = faults.compactMap { $0["message"]?.text.map { "error: \($0)" } }
      #expect(texts.count == told.errors.components(separatedBy: "error: ").count - 1)
      #expect(texts.allSatisfy(told.errors.contains), sourceLocation: sourceLocation)
    }
    if place != nil {
      let file = try #require(error["file"]?.text, sourceLocation: sourceLocation)
      let line = try #require(error["line"]?.number, sourceLocation: sourceLocation)
      let column = try #require(error["column"]?.number, sourceLocation: sourceLocation)
      let reference = "\(file):\(Int(line)):\(Int(column))"
      #expect(told.errors.contains("--> \(reference)\n"), sourceLocation: sourceLocation)
      #expect(place.map { reference.hasPrefix($0) } == true, sourceLocation: sourceLocation)
    }
    #expect(folder.content("out") == [], sourceLocation: sourceLocation)
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Command.root.appendingPathComponent(path), encoding: .utf8)
  }

  /// A shipped file, in the test's folder, with `old` behind `key` replaced;
  /// and the place of what stands there now.
  private func changed(
    _ path: String, _ key: String, _ old: String, _ new: String
  ) throws -> (path: String, place: String) {
    let text = try Self.text(path)
    let there = try #require(text.range(of: "\(key)\(old)"))
    let before = text[..<there.lowerBound] + key
    let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
    let copy = try folder.write(
      text.replacingOccurrences(of: "\(key)\(old)", with: "\(key)\(new)"),
      URL(fileURLWithPath: path).lastPathComponent)
    return (copy, "\(copy):\(lines.count):\((lines.last?.count ?? 0) + 1)")
  }

  /// `file:line` of a limit in the shipped bench.
  private static func limit(_ key: String) throws -> String {
    let text = try text(bench)
    let limits = try #require(text.range(of: "\nlimits:"))
    let there = try #require(
      text.range(of: "\n  \(key):", range: limits.upperBound..<text.endIndex))
    return "limit set in \(bench):\(text[...there.lowerBound].count { $0 == "\n" } + 1)"
  }

  @Test func aSettingBeyondALimit() async throws {
    try await refuses(
      set: "pulse.up=6 V", place: "command line:1:",
      says: [
        "up pulse amplitude 6 V exceeds the bench's limit of 5 V",
        try Self.limit("gate"), "--set pulse.up=6 V",
      ])
  }

  @Test func aProtocolBeyondALimit() async throws {
    let swords = "protocols/crossed-swords.yaml"
    let low = try changed(swords, "down: ", "-4 V", "-5.5 V")
    try await refuses(
      low.path, place: low.place,
      says: ["down pulse amplitude -5.5 V exceeds", try Self.limit("gate")])
    let slow = try changed(swords, "width: ", "10 ms", "1 s")
    try await refuses(slow.path, place: slow.place, says: ["pulse width 1 s exceeds"])
    let strong = try changed(swords, "voltage: ", "100 mV", "1 V")
    try await refuses(
      strong.path, place: strong.place,
      says: ["read voltage 1 V exceeds", try Self.limit("drain")])
  }

  @Test func anUnknownKey() async throws {
    let misspelt = try changed("protocols/crossed-swords.yaml", "  ", "cycles:", "cycels:")
    try await refuses(
      misspelt.path, place: "\(misspelt.path):",
      says: [
        "unknown key 'cycels'", "did you mean 'cycles'?", "--> \(misspelt.place)",
        "'cycles' is missing in 'swords'",
      ])
    try await refuses(
      set: "swords.cycle=3", place: nil,
      says: ["'swords.cycle' is not a known setting", "did you mean 'swords.cycles'?"])
    let bench = try changed(Self.bench, "  ", "states:", "state:")
    try await refuses(
      bench: bench.path, place: bench.place,
      says: ["unknown key 'state'", "did you mean 'states'?"])
  }

  @Test func aWrongUnit() async throws {
    let wrong = try changed("protocols/crossed-swords.yaml", "up: ", "4 V", "4 ms")
    try await refuses(
      wrong.path, place: wrong.place, says: ["'4 ms' is a time in s: expected a voltage in V"])
    try await refuses(
      set: "pulse.width=10", place: "command line:1:",
      says: ["'10' has no unit: expected a time in s"])
  }

  @Test func aDeviceThatTheBenchDoesNotHave() async throws {
    try await refuses(
      set: "measure=[A1, A3]", place: "command line:1:",
      says: ["this bench has no device 'A3'", "did you mean 'A1'?"])
    let other = try changed("protocols/shd.yaml", "[C1, ", "C2]", "X9]")
    try await refuses(
      other.path, place: other.place,
      says: ["this bench has no device 'X9'", "devices: A1, A2, C1, C2"])
  }

  @Test func anInstrumentThatNoBenchMayUse() async throws {
    let reason = "a bench cannot use a 81160A: its manual could not be read"
    let only = try changed(
      "instruments/benches/simulated-2400.yaml", "gate:  { resource: ",
      "\"sim:keithley/2400\"", "\"sim:keysight/81160a\"")
    try await refuses(bench: only.path, place: only.place, says: [reason, "saltire simulate"])
    let real = try changed(
      "instruments/benches/simulated-2400.yaml", "gate:  { resource: ",
      "\"sim:keithley/2400\"", "\"ASRL/dev/ttyUSB9::INSTR\", family: keysight/81160a")
    try await refuses(bench: real.path, place: "\(real.path):", says: [reason])
    let list = try await Command("list")
    let parts = list.output.split(separator: "simulated only")
    #expect(parts.count == 2 && parts[1].contains("keysight/81160a"))
    #expect(parts.first?.contains("81160a") == false)
    #expect(parts.last?.contains("keithley/2400") == false)
    let names = try await Command("list", "--json").document
    #expect(names?["simulated"].map { "\($0)".contains("81160a") } == false)
    let query = try await Command("query", "sim:keysight/81160a", ":PULS:PER1?")
    #expect(query.output.contains("+1.000000E-03"))
  }

  @Test(arguments: [
    ("fast.devices=[A1, A1]", "the device A1 is used twice in its array"),
    ("core.devices=[]", "an array needs at least one device"),
    ("core.devices=[C1, A1]", "the devices of an array must share a row"),
    ("fast.devices=[C1, C2]", "arrays A and C must not share the row RC"),
    ("fast.devices=A1", "arrays A and C must have the same number of devices, but have 1 and 2"),
    ("target=[0.5, -0.4, 0.1]", "3 targets for 2 devices in array C"),
    ("target=[0.5, x]", "'x' is not a plain number"),
  ])
  func arraysThatDoNotFit(setting: String, message: String) async throws {
    try await refuses("protocols/shd.yaml", set: setting, place: "", says: [message])
  }

  @Test(arguments: [
    ("policy: shout", ":1:", "'shout' is not one of warn, pause, stop"),
    ("policy: stopp", ":1:", "did you mean 'stop'?"),
    ("policy: pause", ":1:", "'rest' is missing in 'watch'"),
    ("policy: warn, rest: 10 s", ":1:", "rest applies only with 'policy: pause'"),
    ("policy: stop, tries: 2", ":1:", "tries applies only with 'policy: pause'"),
    ("policy: stop, evry: 2", ":1:", "did you mean 'every'?"),
  ])
  func aWatchThatCannotBe(settings: String, place: String, message: String) async throws {
    let text = try Self.text("protocols/shd.yaml")
    let watch = "watch: { every: 500, pairs: 200, tolerance: 0.1, \(settings) }\n"
    let path = try folder.write(watch + text, "w.yaml")
    try await refuses(path, place: "\(path)\(place)", says: [message])
  }

  @Test(arguments: [
    (["watch.every=5000"], "with 4000 samples, no check would be made"),
    (["reference=mid-window"], "but 'reference' is mid-window"),
    (["watch.pairs=5"], "pairs is outside 10 … 10000000"),
    (["limits.session.pulses=100000", "watch.every=1"], "the watch's number of pulses 3200000"),
  ])
  func aWatchThatDoesNotFit(settings: [String], message: String) async throws {
    let text = try Self.text("protocols/shd.yaml")
    let watch = "watch: { every: 500, pairs: 200, tolerance: 0.1, policy: stop }\n"
    let path = try folder.write(watch + text, "w.yaml")
    let check = try await Command(
      ["check", path, "--bench", Self.bench] + settings.flatMap { ["--set", $0] })
    #expect(check.status == 65)
    #expect(check.errors.contains(message), "\(check.errors)")
  }

  /// A life is held against what the protocol alone does to a device.
  @Test func aProtocolBeyondALifeIsRefused() async throws {
    let check = [
      "check", "protocols/crossed-swords.yaml", "--bench", Self.bench, "--set", "measure=A1",
      "--set", "swords.pulses=50", "--set", "swords.cycles=2", "--set",
    ]
    let less = try await Command(check + ["limits.lifetime.pulses=249"])
    #expect(less.status == 10)
    #expect(less.errors.contains("in its life"), "\(less.errors)")
    let enough = try await Command(check + ["limits.lifetime.pulses=250"])
    #expect(enough.status == 0, "\(enough.errors)")
    #expect(enough.output.contains("within the limits"))
  }

  @Test func nothingToMeasure() async throws {
    try await refuses(
      set: "measure=[]", place: "command line:1:", says: ["measure names no device"])
  }

  @Test func anUnknownExperimentOrPreset() async throws {
    let near = try changed(
      "protocols/crossed-swords.yaml", "experiment: ", "crossed-swords", "crossed-sword")
    try await refuses(
      near.path, place: near.place,
      says: ["unknown experiment 'crossed-sword'", "did you mean 'crossed-swords'?"])
    try await refuses(
      set: "devices.preset=EcRamM", place: "command line:1:",
      says: ["unknown preset 'EcRamM'", "did you mean 'EcRam"])
  }

  @Test func everyFaultAtOnce() async throws {
    let path = try folder.write(
      "experiment: crossed-swords\npulse: { up: 4 s, down: -4 V, width: x }\nread: 5\n", "p.yaml")
    try await refuses(
      path, place: "\(path):2:14",
      says: ["'4 s'", "'x' is not", "'settle' is missing", "read: expected keys", "'swords' is"])
  }

  @Test func aFileThatIsNoYAML() async throws {
    let path = try folder.write("experiment: crossed-swords\npulse: [\n", "p.yaml")
    try await refuses(path, place: "\(path):", says: ["not YAML"])
    let twice = try folder.write("experiment: sgd\nnoise: 1\nnoise: 2\n", "t.yaml")
    try await refuses(twice, place: "\(twice):", says: ["the key 'noise' is used twice"])
  }

  @Test func aMeasuredCurveThatIsMissingOrMalformed() async throws {
    let measured = "instruments/benches/model-measured.yaml"
    try await refuses(
      bench: measured, place: "\(measured):",
      says: ["no preset, measured curve or family", "--set devices.curve=FILE.csv"])
    try await refuses(
      bench: measured, set: "devices.curve=nowhere.csv", place: "command line:1:",
      says: ["nowhere.csv: the file cannot be read"])
    let rows = (0..<20).map { "\(1 + 0.1 * Double($0)),\(3 - 0.1 * Double($0))" }
    let bad = try folder.write(
      (rows.prefix(6) + ["1.7;2.4"] + rows.dropFirst(7)).joined(separator: "\n"), "bad.csv")
    try await refuses(
      bench: measured, set: "devices.curve=\(bad)", place: "command line:1:",
      says: ["\(bad):7:1: expected a number in column 1", "found \"1.7;2.4\""])
    let good = try folder.write(rows.joined(separator: "\n"), "good.csv")
    let check = try await Command("check", measured, "--set", "devices.curve=\(good)")
    #expect(check.status == 0)
  }

  @Test func aFileThatIsNotThere() async throws {
    try await refuses(
      folder.path("nothing.yaml"), status: 65, place: nil,
      says: ["cannot read the file", "nothing.yaml"])
    try await refuses(
      bench: folder.path("nothing.yaml"), status: 65, place: nil, says: ["cannot read the file"])
    for command in ["show", "replay", "report"] {
      #expect(try await Command(command, folder.path("nothing.saltire")).status == 65)
    }
  }

  @Test func aSettingThatIsNone() async throws {
    try await refuses(
      set: "noise", status: 64, place: nil, says: ["'--set noise' is not key=value"])
    #expect(try await Command("run", "--nonsense").status == 64)
  }

  @Test func aSessionOfALaterFormatOrNone() async throws {
    let run = try await Command(
      "run", "protocols/crossed-swords.yaml", "--bench", Self.bench, "--out", folder.path("out"),
      "--set", "measure=A1", "--set", "swords.cycles=1")
    #expect(run.status == 0)
    let path = folder.path("out/crossed-swords-001.saltire")
    // SQLite's user version stands at byte 60.
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: 60)
    try file.write(contentsOf: [0, 0, 0, 9])
    try file.close()
    let text = try folder.write("experiment: sgd\n", "text.saltire")
    for command in ["show", "replay", "report"] {
      let later = try await Command(command, path)
      #expect(later.status == 65)
      #expect(later.errors.contains("has session format 9; this program reads up to 4"))
      let none = try await Command(command, text)
      #expect(none.status == 65)
      #expect(none.errors.contains("is not a saltire session"))
    }
  }
}

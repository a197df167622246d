import Foundation
import SaltireCore
import SaltireRecords
import SaltireTesting
import Testing

/// Every command reads a measured curve alike: `characterise`, `run`, `check` and `train`.
@Suite struct CurveTests {
  private let folder: TemporaryFolder
  private let up: [Double]
  private let down: [Double]

  init() throws {
    folder = try TemporaryFolder()
    var random = RandomStream(seed: 7, name: "curve")
    func branch(_ count: Int, _ start: Double, _ end: Double) -> [Double] {
      var level = start
      return (0..<count).map { _ in
        level += (end - level) * 3 / Double(count)
        return level + random.uniform(-0.002, 0.002)
      }
    }
    up = branch(150, 1, 5)
    down = branch(120, up[149], 1)
  }

  private func write(_ cells: (_ up: String, _ down: String, _ place: Int) -> String) throws
    -> String
  {
    let rows = up.indices.map { place in
      cells("\(up[place])", down.element(at: place).map { "\($0)" } ?? "", place)
    }
    return try folder.write(rows.joined(separator: "\n") + "\n", "curve.csv")
  }

  private let bench = "instruments/benches/model-measured.yaml"

  /// The commands, with `settings` as options or as keys.
  private func commands(
    _ curve: String, _ settings: [(key: String, value: String)] = []
  ) async throws -> [Command] {
    let options = settings.flatMap {
      ["--\($0.key.replacing("_", with: "-"))"] + ($0.value == "on" ? [] : [$0.value])
    }
    let keys =
      ["--set", "devices.curve=\(curve)"]
      + settings.flatMap { ["--set", "devices.format.\($0.key)=\($0.value)"] }
    let text = try folder.write(
      String(repeating: "the quick brown fox jumps over the lazy dog\n", count: 100), "text.txt")
    let network = try String(
      contentsOf: Command.root.appendingPathComponent("protocols/network.yaml"), encoding: .utf8)
    let format = settings.map { "\($0.key): \"\($0.value)\"" }.joined(separator: ", ")
    let own = try folder.write(
      network.replacing(
        "preset: EcRamMO", with: "{ curve: \(curve), format: { \(format) } }"
      ).replacing("device:\n  {", with: "device: {")
        .replacing(", format: {  } }", with: " }"), "network.yaml")
    let out = ["--out", folder.path("out")]
    let training = [
      "text.file=\(text)", "text.train=600", "text.test=100", "network.hidden=[16]",
      "learning.pairs=10", "watch.row=3", "run.report=300",
    ].flatMap { ["--set", $0] }
    return [
      try await Command(["characterise", curve, "--json"] + out + options),
      try await Command(["check", bench] + keys),
      try await Command(
        ["run", "protocols/crossed-swords.yaml", "--bench", bench, "--json"] + out + keys),
      try await Command(["train", own, "--json"] + out + training),
    ]
  }

  @Test(arguments: [
    ("swapped", "columns", "up=2,down=1", "reads (column 1) fall from"),
    ("backwards", "reverse", "down", "the down reads (column 2) rise from"),
    ("resistance", "resistance", "on", "the up reads (column 1) fall from"),
    ("counted", "columns", "up=2,down=3", "only one column has reads"),
    ("several", "columns", "up=1,down=2", "it is not clear which columns"),
  ])
  func whatIsRefusedByOneIsRefusedByAll(
    kind: String, key: String, value: String, says: String
  ) async throws {
    let curve = try write { up, down, place in
      let last = "\(self.down.element(at: self.down.count - 1 - place) ?? .nan)"
      return switch kind {
      case "swapped": "\(down),\(up)"
      case "backwards": "\(up),\(last)"
      case "resistance":
        "\(1 / self.up[place]),\(self.down.element(at: place).map { 1 / $0 } ?? .nan)"
      case "counted": "\(place),\(up)"
      default: "\(up),\(down),\(up)"
      }
    }
    for command in try await commands(curve) {
      #expect(command.status == 65, "\(command.output)")
      #expect(command.errors.contains(says), "\(command.errors)")
      #expect(command.errors.contains(key))
    }
    guard kind != "counted" else { return }
    for command in try await commands(curve, [(key, value)]) {
      #expect(command.status != 65 && command.status != 64, "\(command.errors)")
      #expect(
        (command.output + command.errors).contains("150 pulses; down: column"),
        "\(command.output) \(command.errors)")
    }
  }

  /// The line is in the document of every command that prints one.
  @Test func whatWasUnderstoodIsInTheDocument() async throws {
    let curve = try write { up, down, _ in "\(up);\(down)" }
    let says = "semicolon-separated; lines 1 to 150; up: column 1, 150 pulses; down: column 2, 120"
    for command in try await commands(curve) {
      guard let document = command.document else {
        #expect(command.errors.contains("curve  \(curve): \(says)"))
        continue
      }
      #expect(
        document["read_as"]?.text?.hasPrefix("\(curve): \(says)") == true, "\(command.output)")
    }
  }

  /// A session holds the curve as it was read: it replays though the file is gone.
  @Test func aSessionIsReplayedWithoutTheFile() async throws {
    let curve = try write { up, down, _ in "\(down)\t\(up)" }
    let run = try await Command(
      "run", "protocols/crossed-swords.yaml", "--bench", bench, "--set", "devices.curve=\(curve)",
      "--set", "devices.format.columns=up=2,down=1", "--out", folder.path("out"), "--json")
    let session = try #require(run.document?["session"]?.text)
    try FileManager.default.removeItem(atPath: curve)
    let replay = try await Command("replay", session)
    #expect(replay.status == run.status, "\(replay.errors)")
  }

  @Test(arguments: [
    ["--columns", "1,2"], ["--pulses", "many"], ["--read-voltage", "1 A"], ["--reverse", "left"],
    ["--read-voltage", "0"], ["--decimal", "dot"],
  ])
  func optionsOfAnotherFormAreAFaultOfUse(options: [String]) async throws {
    let curve = try write { up, down, _ in "\(up),\(down)" }
    let command = try await Command(["characterise", curve] + options)
    #expect(command.status == 64, "\(command.errors)")
  }
}

import Foundation
import SaltireCore
import SaltireTesting
import TestRigs
import Testing

import SaltireDevices

@testable import SaltireBenches
@testable import SaltireExperiments
@testable import SaltireRecords
@testable import SaltireTraining

@Suite struct NetworkRunTests {
  private let folder: TemporaryFolder

  /// A text in which every byte follows from the one before: 17 letters round
  /// and round, now and then backwards.
  static let text: String = {
    var random = RandomStream(seed: 5)
    let letters = Array("abcdefghijklmnopq")
    var (place, step) = (0, 1)
    return String(
      (0..<6000).map { _ in
        if random.uniform() < 0.02 { step = -step }
        place = (place + step + letters.count) % letters.count
        return letters[place]
      })
  }()

  static let yaml = """
    experiment: text-network
    text: { file: text.txt, train: 5000, test: 900 }
    network: { hidden: [16], unroll: 20, batch: 2 }
    device: { family: linear, asymmetry: 0.5, range: 2, states: 1200, cycle_to_cycle: 0.3 }
    periphery: { input_bound: 1, input_bits: 7, output_bound: 40, output_bits: 9, output_noise: 0.02 }
    learning:
      rule: shd
      rate: 0.05
      core_rate: 0.02
      transfer: { period: 1 }
    run: { epochs: 2, report: 1000 }
    watch: { layer: 0, row: 3, column: 5 }
    """

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.write(Self.text, "text.txt")
  }

  private func prepared(
    _ yaml: String = yaml, _ settings: [String] = [], only: String? = nil
  ) throws -> NetworkProtocol {
    try NetworkProtocol(
      Document(name: folder.path("protocol.yaml"), text: yaml),
      overrides: Overrides(settings: settings), only: only)
  }

  private static let variants = """

    variants:
      - { label: "Digital", set: { learning.rule: digital, learning.rate: 0.1 } }
      - { label: "SHD", set: { learning.rule: shd } }
    """

  @Test func networksLearn() throws {
    let run = NetworkRun(try prepared(Self.yaml + Self.variants), seed: 1, threads: 2)
    let outcome = try #require(try run.run())
    #expect(outcome.networks.map(\.label) == ["Digital", "SHD"])
    #expect(outcome.vocabulary == 17)
    #expect(abs(outcome.unigramCrossEntropy - 2.83) < 0.05)
    for network in outcome.networks {
      #expect(network.testCrossEntropy < 1.5, "\(network)")
      #expect(network.accuracy > 0.5, "\(network)")
      #expect(network.characters == 4960 * 2)
    }
    #expect(outcome.networks[0].pulses == 0 && outcome.networks[1].pulses > 100_000)
    #expect(outcome.verdict == nil)
  }

  @Test func onlyTheVariantAskedFor() throws {
    #expect(try prepared(Self.yaml + Self.variants, only: "SHD").labels == ["SHD"])
    #expect(throws: Diagnostics.self) { try prepared(Self.yaml + Self.variants, only: "SGD") }
  }

  /// Cancelled in the second network, put down, taken up: the curves, the
  /// weight that is watched and the outcome are those of a run in one go.
  @Test func aTrainingIsTakenUpWhereItWasPutDown() async throws {
    let networks = try prepared(Self.yaml + Self.variants)
    func session(_ name: String) throws -> Session {
      try Session.create(
        at: folder[name],
        manifest: Manifest(
          program: "test", created: HostTime.date, experiment: "text-network",
          protocol: .init(name: "", text: ""), bench: .init(name: "", text: ""), attachments: [],
          settings: [:], seed: 1, limits: [:], conditions: [:]), durability: .processCrash)
    }
    let whole = try session("whole.saltire")
    let expected = try NetworkRun(networks, seed: 1, threads: 1).run(session: whole)
    let checkpoint = folder["checkpoint"]
    let parts = try session("parts.saltire")
    let cut = try await Task {
      var points = 0
      return try NetworkRun(networks, seed: 1, threads: 1).run(checkpoint: checkpoint) { event in
        guard case .point(let label, _, _, _) = event, label == "SHD" else { return }
        points += 1
        if points == 4 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }.value
    #expect(cut == nil)
    let resumed = NetworkRun(networks, seed: 1, threads: 2)
    try resumed.resume(checkpoint)
    let outcome = try resumed.run(session: parts)
    #expect(outcome == expected)
    let (one, two) = (try whole.notebook(), try parts.notebook())
    #expect(one.tables.count == 4)
    #expect(one.tables == two.tables)
    try whole.close()
    try parts.close()
  }

  @Test func checkpointsOfOthersAreRefused() throws {
    let checkpoint = folder["checkpoint"]
    let short = ["text.train=200", "run.epochs=1", "run.report=200"]
    _ = try NetworkRun(prepared(Self.yaml, short), seed: 1, threads: 1)
      .run(checkpoint: checkpoint)
    func refusal(_ settings: [String], seed: UInt64 = 1) throws -> CheckpointError? {
      let run = NetworkRun(try prepared(Self.yaml, settings), seed: seed, threads: 1)
      do throws(CheckpointError) { try run.resume(checkpoint) } catch { return error }
      return nil
    }
    #expect(try refusal(short) == nil)
    let path = checkpoint.relativePath
    #expect(try refusal(short, seed: 2) == .foreign(path: path))
    #expect(try refusal(short + ["learning.rate=0.01"]) == .foreign(path: path))
    let bytes = try Data(contentsOf: checkpoint)
    for damaged in [bytes.dropLast(1), Data(), bytes + [0]] {
      try damaged.write(to: checkpoint)
      guard case .damaged = try refusal(short) else {
        Issue.record("\(damaged.count) of \(bytes.count) bytes")
        continue
      }
    }
    var changed = bytes
    changed[bytes.count / 2] ^= 1
    try changed.write(to: checkpoint)
    #expect(
      try refusal(short) == .damaged(path: path, expected: "the digest of its contents"))
    try FileManager.default.removeItem(at: checkpoint)
    #expect(try refusal(short) == .unreadable(path: path))
  }

  /// Every rule trains through a protocol, zero-shifting and ageing included.
  @Test(arguments: [
    "digital", "sgd", "shd", "tiki-taka", "tiki-taka-2", "c-tiki-taka-2", "agad",
  ])
  func everyRule(rule: String) throws {
    let run = NetworkRun(
      try prepared(
        Self.yaml,
        [
          "learning.rule=\(rule)", "learning.reference=zero-shift", "learning.pairs=20",
          "learning.omega=0.5", "device.retention=1000 s", "run.window=1 s", "run.epochs=1",
          "text.label_noise=0.1", "learning.core_reference=own",
        ]), seed: 1, threads: 1)
    let outcome = try #require(try run.run())
    #expect(outcome.networks[0].rule == rule)
    #expect(outcome.networks[0].testCrossEntropy < 2.9)
  }

  @Test(arguments: [
    ("text.file=/no/where.txt", "cannot read the text '/no/where.txt'"),
    ("text.train=9000", "has 6000 bytes; text.train and text.test need 9900"),
    ("network.hidden=[20]", "invalid layer size: 20 memory cells"),
    ("network.hidden=[1e300]", "memory cells"),
    ("network.hidden=[16.5]", "invalid layer size: 16.5 memory cells"),
    ("network.unroll=2500", "5000 characters are too few for 2 sequences of 2500 steps"),
    ("device.preset=EcRam", "family and preset exclude each other"),
    ("device.curve=curve.csv", "family and curve exclude each other"),
    ("learning.rule=sdg", "'sdg' is not one of digital, sgd"),
    ("watch.row=64", "row is outside 0 … 63"),
    ("device.asymetry=1", "'device.asymetry' is not a known setting"),
  ])
  func faultsAreSaid(setting: String, message: String) throws {
    do throws(Diagnostics) {
      _ = try NetworkProtocol(
        Document(name: folder.path("protocol.yaml"), text: Self.yaml),
        overrides: Overrides(settings: [setting]))
      Issue.record("no fault")
    } catch {
      #expect(error.items.map { $0.message.contains(message) } == [true], "\(error.rendered)")
    }
  }

  @Test(arguments: [
    "network", "figure-4", "figure-4-desk", "core-asymmetry", "data-variance", "abrupt-devices",
  ])
  func theShippedProtocolsAreRead(name: String) throws {
    let path = "protocols/\(name).yaml"
    let text = try String(
      contentsOf: Shipped.root.appendingPathComponent(path), encoding: .utf8)
    let networks = try NetworkProtocol(
      Document(name: path, text: text),
      overrides: Overrides(settings: [
        "text.file=\(folder.path("text.txt"))", "text.train=5000", "text.test=900",
      ]))
    #expect((networks.labels.count == 1) == (name == "network"))
    #expect(networks.conditions["text"]?.contains("6000 bytes, SHA-256 ") == true)
  }

  @Test func devicesComeFromCurvesAndSessions() async throws {
    let curve = (0..<60).map { "\(1 + Double($0) * 0.05),\(4 - Double($0) * 0.05)" }
    _ = try folder.write(curve.joined(separator: "\n"), "curve.csv")
    let body = Self.yaml.replacingOccurrences(
      of: "device: { family: linear, asymmetry: 0.5, range: 2, states: 1200, cycle_to_cycle: 0.3 }",
      with: "device: { DEVICE }"
    ).replacingOccurrences(of: "watch: { layer: 0, row: 3, column: 5 }", with: "")
    func yaml(_ device: String) -> String { body.replacingOccurrences(of: "DEVICE", with: device) }
    let measured = try prepared(yaml("curve: curve.csv"))
    #expect(measured.attachments.map(\.name) == ["curve.csv"])
    #expect(measured.variants[0].settings.device.granularity > 0)

    // A session with the crossed swords of four devices.
    let bench = try Shipped.bench()
    let session = try Session.create(
      at: folder["swords.saltire"],
      manifest: Manifest(
        program: "test", created: HostTime.date, experiment: "crossed-swords",
        protocol: .init(name: "", text: ""), bench: .init(name: "", text: ""), attachments: [],
        settings: [:], seed: 1, limits: [:], conditions: [:]), durability: .processCrash)
    let result = await Runner.run(
      try Shipped.experiment("crossed-swords", for: bench, ["swords.cycles=2"]),
      on: try ModelBench(seed: 1), seed: 1, session: session)
    _ = try result.conclusion.get()
    try session.close()
    let found = try prepared(yaml("session: swords.saltire, name: A1")).variants[0].settings.device
    guard case .linearStep(let up, let down, _, _, _, _) = found.law else {
      Issue.record("\(found.law)")
      return
    }
    // The bench's devices are metal-oxide ECRAM.
    #expect(abs(up - 0.4152) < 0.1 && abs(down - 0.7342) < 0.1)
    #expect(abs(found.weightMax - found.weightMin - 2) < 1e-9)
    #expect(throws: Diagnostics.self) {
      try prepared(yaml("session: swords.saltire, name: X9"))
    }
    #expect(throws: Diagnostics.self) { try prepared(yaml("session: no.saltire, name: A1")) }
  }
}

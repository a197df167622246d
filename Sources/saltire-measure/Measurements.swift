import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltirePrograms
import SaltireRecords
import SaltireRig

/// Speeds that matter, measured side by side: `make bench`.
///
/// All measurements take turns for several rounds, so that a slow moment of
/// the machine hits them alike; a JSON line each, with the median. Arguments
/// choose by the beginnings of names. `usb-faults`, `usb-endurance`,
/// `engines`, `faults`, `coverage`, `endurance` and `session-fuzz` print tables of their own.
@main
struct Measurements {
  static func main() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "saltire-measure-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let usb = try USBSpeeds()
    switch CommandLine.arguments.dropFirst().first {
    case "usb-faults": return try await USBSpeeds.printFaults()
    case "usb-endurance":
      guard let usb else { throw CocoaError(.fileNoSuchFile) }
      return try usb.printEndurance()
    case "engines": return try await EngineSavings.printTable()
    case "session-reader": return await SessionReader.run()
    case "coverage": return Coverage.run(Array(CommandLine.arguments.dropFirst(2)))
    case let work? where ["faults", "endurance", "session-fuzz"].contains(work):
      let arguments = Array(CommandLine.arguments.dropFirst(2))
      let isGood: Bool
      do {
        switch work {
        case "faults": isGood = try CampaignTable.run(arguments, in: folder, hasUSB: usb != nil)
        case "endurance": isGood = try await Endurance.run(arguments, in: folder)
        default: isGood = try SessionFuzz.run(arguments, in: folder)
        }
      } catch {
        print(error)
        isGood = false
      }
      try? FileManager.default.removeItem(at: folder)
      exit(isGood ? 0 : 1)
    default: break
    }
    let lab = try ExperimentSpeeds(folder: folder)
    let links = try LinkSpeeds()
    let arrays = ArraySpeeds()
    var all: [(name: String, unit: String, run: () async throws -> Double)] = [
      ("shd_training", "samples/s", { try await lab.training().samplesPerSecond }),
      ("shd_training_4000", "ms", { try await lab.training().milliseconds }),
      ("shd_pipeline", "ms", { try await lab.training().pipelineMilliseconds }),
      ("perform_one_read_journalled", "performs/s", { try await lab.journalled(reads: 1) }),
      ("reads_journalled_in_hundreds", "reads/s", { try await lab.journalled(reads: 100) }),
      ("pulses_power_loss_durable", "performs/s", { try await lab.powerLoss() }),
      ("raw_write_fdatasync", "writes/s", { try lab.rawSync() }),
      ("link_serial", "us", { try links.serial() }),
      ("link_serial_direct", "us", { try links.serialDirect() }),
      ("link_serial_ratio", "", { links.serialRatio }),
      ("instrument_serial", "us", { try await links.instrument(size: 1) }),
      ("instrument_serial_ratio", "", { links.instrumentRatio }),
      ("instrument_serial_hundreds", "us", { try await links.instrument(size: 100) }),
      ("instrument_serial_hundreds_ratio", "", { links.hundredsRatio }),
      ("link_tcp", "us", { try links.tcp() }),
      ("link_tcp_direct", "us", { try links.tcpDirect() }),
      ("link_tcp_ratio", "", { links.tcpRatio }),
      ("instrument_tcp", "us", { try await links.tcpInstrument() }),
      ("instrument_tcp_ratio", "", { links.tcpInstrumentRatio }),
      ("array_pulses_dense", "pulses/s", { arrays.dense() }),
      ("array_pulses_sparse", "pulses/s", { arrays.sparse() }),
      ("lstm_shd_batch_1", "characters/s", { try arrays.characters(batch: 1, threads: 1) }),
      ("lstm_shd_pulses", "pulses/character", { arrays.pulsesPerCharacter }),
      (
        "lstm_shd_batch_1_threads_2", "characters/s",
        { try arrays.characters(batch: 1, threads: 2) }
      ),
      ("lstm_shd_batch_32", "characters/s", { try arrays.characters(batch: 32, threads: 1) }),
      (
        "lstm_shd_batch_32_threads_2", "characters/s",
        { try arrays.characters(batch: 32, threads: 2) }
      ),
      (
        "lstm_digital_batch_1", "characters/s",
        { try arrays.characters(batch: 1, threads: 1, digital: true) }
      ),
      (
        "lstm_digital_batch_32", "characters/s",
        { try arrays.characters(batch: 32, threads: 1, digital: true) }
      ),
      ("shd_two_weights", "samples/s", { arrays.twoWeights() }),
      ("simulated_shd_process_crash", "samples/s", { try await lab.simulated(.processCrash) }),
      ("simulated_shd_power_loss", "samples/s", { try await lab.simulated(.powerLoss) }),
    ]
    if let usb {
      all += [
        ("usb_query", "us", { try usb.query() }),
        ("usb_query_direct", "us", { try usb.queryDirect() }),
        ("usb_query_ratio", "", { usb.ratio }),
      ]
    }
    let chosen = CommandLine.arguments.dropFirst()
    let measurements = all.filter { one in
      chosen.isEmpty || chosen.contains { one.name.hasPrefix($0) }
    }
    var values = [[Double]](repeating: [], count: measurements.count)
    for _ in 0..<15 {
      for (index, measurement) in measurements.enumerated() {
        values[index].append(try await measurement.run())
      }
    }
    for (measurement, values) in zip(measurements, values) {
      let sorted = values.sorted()
      let line = JSONValue.object([
        "name": .string(measurement.name), "unit": .string(measurement.unit),
        "median": .number(sorted[sorted.count / 2]), "min": .number(sorted[0]),
        "max": .number(sorted[sorted.count - 1]), "rounds": .integer(sorted.count),
      ])
      print(line.text(indented: false))
    }
  }
}

/// The measurements.
struct ExperimentSpeeds {
  private let folder: URL
  private let bench: BenchFile
  private let experiment: PreparedExperiment
  private let counter = Counter()

  private final class Counter {
    var value = 0
  }

  struct Training {
    var samplesPerSecond: Double
    var milliseconds: Double
    var pipelineMilliseconds: Double
  }

  init(folder: URL) throws {
    self.folder = folder
    bench = try BenchFile(Self.document("instruments/benches/model.yaml"))
    experiment = try Catalogue.standard.prepare(
      Self.document("protocols/shd.yaml"), wiring: bench.wiring, limits: bench.limits)
  }

  private static func document(_ path: String) throws -> Document {
    try Document(name: path, text: String(contentsOfFile: path, encoding: .utf8))
  }

  private func model() -> ModelBench {
    ModelBench(wiring: bench.wiring, devices: bench.devices!, seed: 1)
  }

  /// protocols/shd.yaml on models: the 4,000 samples, and the whole run.
  func training() async throws -> Training {
    var begin = HostTime.monotonic
    let result = await Runner.run(
      experiment, on: model(), seed: 1,
      watch: { if $0 == .phase("training") { begin = HostTime.monotonic } })
    let seconds = HostTime.monotonic - begin
    _ = try result.conclusion.get()
    return Training(
      samplesPerSecond: 4000 / seconds, milliseconds: seconds * 1000,
      pipelineMilliseconds: result.wall * 1000)
  }

  /// Training samples on the simulated rig, with journal and wire transcript.
  func simulated(_ durability: Session.Durability) async throws -> Double {
    let file = try BenchFile(Self.document("instruments/benches/simulated.yaml"))
    let experiment = try Catalogue.standard.prepare(
      Self.document("protocols/shd.yaml"),
      overrides: Overrides(settings: [
        "samples=1000", "swords.pulses=150", "swords.cycles=1", "reference=mid-window",
      ]), wiring: file.wiring, limits: file.limits)
    let (session, url) = try session(durability)
    let wire = WireLog()
    wire.begin(in: session)
    let open = try OpenBench(file, seed: 1) { wire.add($1, of: $0) }
    _ = try await open.live?.connect()
    var begin = HostTime.monotonic
    let result = await Runner.run(
      experiment,
      on: try JournaledBench(open.bench, session: session) { () async throws(BenchError) in
        try await open.live?.arm()
      }, seed: 1, session: session,
      watch: { if $0 == .phase("training") { begin = HostTime.monotonic } })
    let seconds = HostTime.monotonic - begin
    _ = try result.conclusion.get()
    try wire.finish()
    try session.close()
    try FileManager.default.removeItem(at: url)
    return 1000 / seconds
  }

  /// Programs with this number of reads, each committed to survive a crash of the process.
  func journalled(reads: Int) async throws -> Double {
    let count = reads == 1 ? 3000 : 300
    let reading = Reading(
      drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02)
    let program = Program([.repeat(reads, [.read(reading)])])
    let rate = try await performs(program, count: count, durability: .processCrash)
    return rate * Double(reads)
  }

  /// Programs of one pulse and one read, committed before and after; the first commit survives a
  /// power cut.
  func powerLoss() async throws -> Double {
    let program = Program([
      .pulse("GA1", level: 4, width: 0.01), .rest(0.05),
      .read(Reading(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02)),
    ])
    return try await performs(program, count: 100, durability: .powerLoss)
  }

  private func performs(
    _ program: Program, count: Int, durability: Session.Durability
  ) async throws -> Double {
    let (session, url) = try session(durability)
    let journaled = try JournaledBench(model(), session: session)
    let begin = HostTime.monotonic
    for _ in 0..<count { _ = try await journaled.perform(program) }
    let seconds = HostTime.monotonic - begin
    try session.close()
    try FileManager.default.removeItem(at: url)
    return Double(count) / seconds
  }

  private func session(_ durability: Session.Durability) throws -> (Session, URL) {
    counter.value += 1
    let url = folder.appendingPathComponent("\(counter.value).saltire")
    let session = try Session.create(
      at: url,
      manifest: Manifest(
        program: "bench", created: HostTime.date, experiment: "bench",
        protocol: .init(name: "", text: ""), bench: .init(name: "", text: ""), attachments: [],
        settings: [:], seed: 1, limits: [:], conditions: [:]),
      durability: durability)
    return (session, url)
  }

  /// Repeated writes of 4 KiB with fdatasync: the limit of the disk.
  func rawSync() throws -> Double {
    let path = folder.appendingPathComponent("raw").path
    let file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    guard file >= 0 else { throw POSIXError(.EIO) }
    defer { close(file) }
    let block = [UInt8](repeating: 1, count: 4096)
    let begin = HostTime.monotonic
    for _ in 0..<100 {
      guard write(file, block, block.count) == block.count, fdatasync(file) == 0 else {
        throw POSIXError(.EIO)
      }
    }
    return 100 / (HostTime.monotonic - begin)
  }
}

import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltirePrograms
import SaltireRecords
import SaltireFigures
import SaltireRig

/// Extremely long sessions: memory while recording, file size, and the time to open and to report
/// them.
struct Endurance {
  private let folder: URL

  /// Steps per program.
  private static let length = 1000
  /// Allowed growth of the resident memory in MiB, from a tenth of the run to its end.
  private static let tolerance = 24.0

  /// Runs both and prints a table: `endurance [--steps N] [--readings N]`; false if memory grew.
  static func run(_ arguments: [String], in folder: URL) async throws -> Bool {
    func number(_ name: String, _ otherwise: Int) -> Int {
      arguments.firstIndex(of: name).flatMap { index in
        index + 1 < arguments.count ? Int(arguments[index + 1]) : nil
      } ?? otherwise
    }
    let lab = Endurance(folder: folder)
    print(
      "session              steps    readings  programs/s      MiB  bytes/reading  open ms"
        + "  count ms  notes s  report s  wire s  VmRSS MiB at each tenth")
    // In this order, because the first leaves the smaller heap behind.
    let instruments = try await lab.instruments(readings: number("--readings", 1_000_000))
    let models = try await lab.models(steps: number("--steps", 10_000_000))
    return models && instruments
  }

  /// Programs of 1,000 steps on models, alternating pulses and reads.
  private func models(steps: Int) async throws -> Bool {
    let bench = try Self.bench("model")
    guard let devices = bench.devices else { throw CocoaError(.fileReadCorruptFile) }
    let reading = Reading(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02)
    let program = Program(
      (0..<Self.length / 2).flatMap { index -> [Step] in
        [.pulse("GA1", level: index % 2 == 0 ? 4 : -4, width: 0.01), .read(reading)]
      })
    return try await record(
      "models", program, programs: steps / Self.length,
      on: ModelBench(wiring: bench.wiring, devices: devices, seed: 1), nil, .batched)
  }

  /// Programs of 1,000 readings on simulated instruments, with the wire transcript.
  private func instruments(readings: Int) async throws -> Bool {
    let wire = WireLog()
    let open = try OpenBench(try Self.bench("simulated-one-device"), seed: 1) {
      wire.add($1, of: $0)
    }
    _ = try await open.live?.connect()
    try await open.live?.arm()
    let reading = Reading(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02)
    let program = Program(
      [4.0, -4.0].map { level in
        .repeat(Self.length / 2, [.pulse("GA1", level: level, width: 0.01), .read(reading)])
      })
    return try await record(
      "simulated lab", program, programs: readings / Self.length, on: open.bench, wire,
      .processCrash)
  }

  private func record(
    _ name: String, _ program: Program, programs: Int, on bench: any SaltirePrograms.Bench,
    _ wire: WireLog?,
    _ durability: Session.Durability
  ) async throws -> Bool {
    let url = folder.appendingPathComponent("\(name).saltire")
    let session = try Session.create(
      at: url,
      manifest: Manifest(
        program: "bench", created: HostTime.date, experiment: name,
        protocol: .init(name: "", text: ""), bench: .init(name: "", text: ""), attachments: [],
        settings: [:], seed: 1, limits: [:], conditions: [:]),
      durability: durability)
    wire?.begin(in: session)
    let journal = try JournaledBench(bench, session: session)
    let table = Note.Table("swords A1", [.init("pulse"), .init("conductance", unit: "S")])
    var memory: [Double] = []
    var pulses = 0.0
    let begin = HostTime.monotonic
    for number in 1...programs {
      let currents = try await journal.perform(program).currents
      // The notes of an experiment: one row for each reading.
      try session.add(
        .rows(
          table,
          currents.flatMap { current -> [Double] in
            pulses += 1
            return [pulses, current / 0.1]
          }))
      if number % max(programs / 10, 1) == 0 { memory.append(Self.resident) }
    }
    let rate = Double(programs) / (HostTime.monotonic - begin)
    try wire?.finish()
    try session.close()
    _ = await bench.makeSafe()
    let size = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0
    let readings = programs * program.readings
    let times = try read(url)
    print(
      pad(name, 16) + left("\(programs * program.extent.pulses + readings)", 10)
        + left("\(readings)", 12) + left(String(format: "%.1f", rate), 12)
        + left("\(size >> 20)", 9)
        + left(String(format: "%.1f", Double(size) / Double(readings)), 15)
        + times.joined() + "  " + memory.map { String(format: "%.0f", $0) }.joined(separator: " "))
    try FileManager.default.removeItem(at: url)
    guard let first = memory.first, let last = memory.last else { return false }
    return last - first < Self.tolerance
  }

  /// The times to open, count, read the notes, report and read the transcript.
  private func read(_ url: URL) throws -> [String] {
    func timed<Value>(_ body: () throws -> Value) rethrows -> (value: Value, seconds: Double) {
      let begin = HostTime.monotonic
      let value = try body()
      return (value, HostTime.monotonic - begin)
    }
    let opened = try timed { try Session.open(url) }
    defer { try? opened.value.close() }
    let counted = try timed { try opened.value.stepCount() }
    let notes = try timed { try opened.value.notebook().tables.count }
    let report = try timed {
      let report = try SessionReport(opened.value)
      return report.figures.count + report.tables.reduce(0) { $0 + $1.table.text().utf8.count }
    }
    let wire = try timed { try opened.value.transcript().lines.count }
    return [
      left(String(format: "%.1f", opened.seconds * 1000), 9),
      left(String(format: "%.1f", counted.seconds * 1000), 10),
    ]
      + zip([notes.seconds, report.seconds, wire.seconds], [9, 10, 8]).map {
        left(String(format: "%.2f", $0), $1)
      }
  }

  /// VmRSS of this process, in MiB.
  private static var resident: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan
    return kibibytes / 1024
  }

  private static func bench(_ name: String) throws -> BenchFile {
    let path = "instruments/benches/\(name).yaml"
    return try BenchFile(
      Document(name: path, text: String(contentsOfFile: path, encoding: .utf8)))
  }
}

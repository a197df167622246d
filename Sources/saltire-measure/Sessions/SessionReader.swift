import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltireFigures
import SaltirePrograms
import SaltireRecords
import SaltireFigures
import SaltireRig

/// Reads session files as every command does. The paths come on standard input, and the result for
/// each is one line.
enum SessionReader {
  /// Memory limit in bytes, which only a damaged length exceeds.
  private static let memory: rlim_t = 3 << 30

  static func run() async {
    var limit = rlimit(rlim_cur: memory, rlim_max: memory)
    setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    var number = 0
    while let path = readLine() {
      number += 1
      let url = URL(fileURLWithPath: path)
      var word = "read"
      do {
        try read(url, isDrawn: number % 100 == 0)
        word = try await replay(url)
        // Last, because it writes.
        if number % 10 == 0 { try await resume(url) }
      } catch let error as SessionError {
        word = "session: \(kind(error))"
      } catch is Diagnostics {
        word = "what was run cannot be understood"
      } catch {
        word = "\(type(of: error))"
      }
      print(word)
      fflush(nil)
    }
  }

  private static func kind(_ error: SessionError) -> String {
    switch error {
    case .notASession: "none"
    case .newer: "newer"
    case .lost: "lost"
    case .damaged(_, let reason): "damaged: \(reason.filter { !$0.isNumber }.prefix(40))"
    case .exists, .inUse, .missing, .incomplete, .storage:
      "\(error)".prefix { $0 != "(" }.description
    }
  }

  /// As `show` and `report`.
  private static func read(_ url: URL, isDrawn: Bool) throws {
    let session = try Session.open(url)
    defer { try? session.close() }
    for n in 0..<(try session.stepCount()) {
      guard let step = try session.step(n) else { continue }
      _ = step.program.description
      _ = step.program.extent
    }
    _ = try session.transcript().lines.map { "\($0.event)" }
    _ = try session.resumptions().map(\.text)
    let report = try SessionReport(session)
    _ = report.figures
    _ = report.tables.map { $0.table.text() }
    if isDrawn {
      let folder = url.deletingPathExtension()
      defer { try? FileManager.default.removeItem(at: folder) }
      do {
        _ = try report.write(to: folder, rasteriser: try? Rasteriser())
      } catch let error where error is FigureError || error is RasteriserError {
        // Figures of damaged numbers may be invalid.
      }
    }
  }

  /// As `replay`.
  private static func replay(_ url: URL) async throws -> String {
    let session = try Session.open(url)
    defer { try? session.close() }
    let (bench, experiment) = try inputs(session.manifest)
    let result = await Runner.run(
      experiment,
      on: LimitedBench(
        try JournaledBench(replaying: session, wiring: bench.wiring), limits: bench.limits),
      seed: session.manifest.seed)
    switch result.conclusion {
    case .success: return "replayed"
    case .failure(.failed(let error as SessionError)): throw error
    case .failure(let error): return "replay: \("\(error)".prefix { $0 != "(" })"
    }
  }

  /// As `resume`, only with simulated devices.
  private static func resume(_ url: URL) async throws {
    let recorded = try Session.open(url)
    let manifest = recorded.manifest
    try recorded.close()
    let (bench, experiment) = try inputs(manifest)
    guard !bench.isOutside else { return }
    let session = try Session.reopen(url, durability: .batched)
    defer { try? session.close() }
    let resuming = try Resuming(session, policy: experiment.resume)
    let open = try OpenBench(bench, seed: manifest.seed, origin: resuming.origin)
    _ = try await open.live?.connect()
    let journal = try await resuming.bench(open) { () async throws(BenchError) in
      try await open.live?.arm()
    }
    _ = await Runner.run(
      experiment, on: LimitedBench(journal, limits: bench.limits), seed: manifest.seed,
      session: session)
  }

  private static func inputs(_ manifest: Manifest) throws -> (BenchFile, PreparedExperiment) {
    let split = try Overrides(settings: manifest.settings.map { "\($0.key)=\($0.value)" }.sorted())
      .split(by: BenchFile.keys)
    let bench = try BenchFile(
      try Document(name: manifest.bench.name, text: manifest.bench.text),
      overrides: split.matching, attachments: manifest.attachments)
    let experiment = try Catalogue.standard.prepare(
      Document(name: manifest.protocol.name, text: manifest.protocol.text),
      overrides: split.others, wiring: bench.wiring, limits: bench.limits)
    return (bench, experiment)
  }
}

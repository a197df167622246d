import ArgumentParser
import Foundation
import SaltireCore
import SaltireExperiments
import SaltireRecords
import SaltireTraining

struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train networks on simulated arrays of devices.",
    discussion: """
      The learning curves are written to a session, DIR/text-network-NNN.saltire; draw them with \
      'saltire report'. A checkpoint is written every minute, at the end and on Ctrl-C. Training \
      resumed from a checkpoint gives bit-identical results to uninterrupted training. Results do \
      not depend on the number of threads.

      Paths in a protocol are relative to its folder; paths in --set are relative to the current \
      folder.
      """)

  @Argument(help: "The protocol file.", completion: .file(extensions: ["yaml"]))
  var `protocol`: String

  @Option(help: "The folder for the session.", completion: .directory)
  var out = "out"

  @Option(help: "The random seed of devices, pulses and initial weights.")
  var seed: UInt64 = 1

  @Option(help: "The number of threads.")
  var threads = 1

  @Option(help: "Train only the variant with this label.")
  var variant: String?

  @Option(help: "The checkpoint file, written during training.", completion: .file())
  var checkpoint: String?

  @Flag(help: "Resume from the checkpoint.")
  var resume = false

  @Option(
    name: .customLong("set"), help: "Override a value of the protocol: key=value. Repeatable.")
  var settings: [String] = []

  @Flag(help: "Print one JSON document at the end.")
  var json = false

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("1 to 256 threads") }
    if resume, checkpoint == nil {
      throw ValidationError("--resume needs --checkpoint FILE")
    }
  }

  func run() async throws {
    let (beginning, begin) = AsyncStream.makeStream(of: Never.self)
    let work = Task {
      for await _ in beginning {}
      try await reporting(json: json) { try perform() }
    }
    let interruption = Interruption { _ in work.cancel() }
    begin.finish()
    defer { interruption.end() }
    try await work.value
  }

  private func perform() throws {
    let overrides = try Overrides(arguments: settings)
    let document = try Document(path: `protocol`)
    let networks = try NetworkProtocol(
      document, overrides: overrides, only: variant, onBenches: Catalogue.standard.names)
    Console.tell(networks.conditions["curve"])
    let run = NetworkRun(networks, seed: seed, threads: threads)
    let file = checkpoint.map { URL(fileURLWithPath: $0) }
    if resume, let file { try run.resume(file) }
    var conditions = networks.conditions
    if let variant { conditions["variant"] = variant }
    let session = try Session.create(
      at: try SessionName.next(TextNetwork.name, in: out),
      manifest: Manifest(
        program: Saltire.version, created: HostTime.date,
        experiment: TextNetwork.name,
        protocol: .init(name: document.name, text: document.text),
        bench: .init(name: "", text: ""), attachments: networks.attachments,
        settings: overrides.values, seed: seed, limits: [:], conditions: conditions),
      durability: .processCrash)
    let begin = HostTime.monotonic
    let progress = Progress(total: 1)
    let outcome = try run.run(session: session, checkpoint: file) { event in
      switch event {
      case .network(let label): progress.hear(.phase(label))
      case .point(let label, let epoch, let train, let test):
        progress.hear(
          .phase(
            "\(label): epoch \(Quantity(epoch, .one).formatted(digits: 3)),"
              + " train \(Quantity(train, .one).formatted(digits: 4)),"
              + " test \(Quantity(test, .one).formatted(digits: 4)) nat"))
      case .progress(let part): progress.hear(.time(part))
      }
    }
    progress.end()
    try conclude(outcome, run, session, wall: HostTime.monotonic - begin)
  }

  private func conclude(
    _ outcome: NetworkOutcome?, _ run: NetworkRun, _ session: Session, wall: Double
  ) throws {
    let failure: Failure? =
      if let outcome {
        outcome.verdict.map { Failure(.verdict, $0.text) }
      } else {
        Failure(
          .interrupted, "interrupted; the learning curves up to this point are saved",
          hints: checkpoint.map { ["continue with --checkpoint \($0) --resume"] } ?? [])
      }
    let ending = Ending(
      exitCode: Int(failure?.code.rawValue ?? 0),
      message: failure?.code == .verdict ? nil : failure?.message,
      outcome: outcome.map(JSONText.encode), truth: nil, duration: 0, wall: wall,
      pulses: run.pulses, safe: true)
    try session.finish(ending)
    try session.close()
    let summary = Summary(
      manifest: session.manifest, path: session.url.relativePath, ending: ending)
    Console.print(json ? summary.document(failure: failure).text(indented: true) : summary.text)
    if let failure {
      Console.error(failure.rendered)
      throw ExitCode(failure.code.rawValue)
    }
  }
}

internal import ArgumentParser
internal import Foundation
internal import SaltireCore
internal import SaltireLab

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a protocol on a bench and record the session.",
    discussion: """
      The session goes to DIR/EXPERIMENT-NNN.saltire. With --json one document is printed \
      at the end, also when the run fails; progress goes to standard error.
      """)

  @Argument(help: "The protocol file.", completion: .file(extensions: ["yaml"]))
  var `protocol`: String

  @Option(help: "The bench file.", completion: .file(extensions: ["yaml"]))
  var bench: String

  @Option(help: "Where the session goes.", completion: .directory)
  var out = "out"

  @Option(help: "Seeds experiment and modelled devices, through separate streams.")
  var seed: UInt64 = 1

  @Option(
    name: .customLong("set"),
    help: "Replace a value of the protocol or the bench: key=value. Repeatable.")
  var settings: [String] = []

  @Flag(help: "Estimate time and dose on nominal devices; send and record nothing.")
  var dryRun = false

  @Flag(help: "Print one JSON document at the end.")
  var json = false

  func run() async throws {
    try await reporting {
      do {
        let inputs = try Inputs(protocol: `protocol`, bench: bench, settings: settings)
        if dryRun {
          try await estimate(inputs)
        } else {
          try await perform(inputs)
        }
      } catch {
        // Before there is a session the document has only the error.
        guard json, let failure = Failure(any: error) else { throw error }
        var document = JSONValue.object([:])
        document["error"] = failure.document
        Console.print(document.text(indented: true))
        throw error
      }
    }
  }

  private func perform(_ inputs: Inputs) async throws {
    let model = ModelBench(wiring: inputs.bench.wiring, devices: inputs.bench.devices, seed: seed)
    let session = try Session.create(
      at: try SessionName.next(inputs.experiment.name, in: out),
      manifest: inputs.manifest(seed: seed), durability: .batched)
    let journaled = try JournaledBench(model, session: session)
    let limited = LimitedBench(journaled, limits: inputs.bench.limits)
    let isTerminal = Progress.isTerminal
    let total = isTerminal ? await Estimate(inputs, seed: seed).extent.duration : nil
    let progress = Progress(total: total)

    let experiment = inputs.experiment
    let seed = seed
    let (events, sink) = AsyncStream.makeStream(of: RunEvent.self)
    let work = Task {
      defer { sink.finish() }
      return await Runner.run(
        experiment, on: limited, seed: seed, session: session,
        watch: { event in
          // Every program has a time; only a line that redraws wants them.
          if case .time = event, !isTerminal { return }
          sink.yield(event)
        })
    }
    let interruption = Interruption { work.cancel() }
    for await event in events { progress.hear(event) }
    let result = await work.value
    interruption.end()
    progress.end()

    let failure = Self.failure(result)
    let ending = Ending(
      exitCode: Int(failure?.code.rawValue ?? 0), message: failure?.message,
      outcome: try? result.conclusion.get().json, truth: JSONText.encode(model.truth),
      duration: result.duration, wall: result.wall, pulses: result.pulses,
      safe: result.safe.isSafe)
    try session.finish(ending)
    let summary = Summary(
      manifest: session.manifest, path: session.url.relativePath, ending: ending)
    try session.close()
    Console.print(json ? summary.document(failure: failure).text(indented: true) : summary.text)
    if let failure {
      if !json { Console.error(failure.rendered) }
      throw ExitCode(failure.code.rawValue)
    }
  }

  /// What of a result is a failure: an output that is not safe outranks all.
  private static func failure(_ result: RunResult) -> Failure? {
    if !result.safe.isSafe {
      let open = result.safe.terminals.compactMap { terminal, state in
        if case .notConfirmed(let reason) = state { "\(terminal): \(reason)" } else { nil }
      }
      return Failure(
        .notSafe, "NOT CONFIRMED SAFE: \(open.joined(separator: "; "))",
        hints: ["switch the outputs off by hand now"])
    }
    switch result.conclusion {
    case .failure(let error): return Failure(error)
    case .success(let conclusion):
      return conclusion.verdict.map { Failure(.verdict, $0) }
    }
  }

  private func estimate(_ inputs: Inputs) async throws {
    let estimate = await Estimate(inputs, seed: seed)
    if json {
      Console.print(estimate.document.text(indented: true))
    } else {
      Console.print(estimate.text)
    }
  }
}

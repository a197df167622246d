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
    // Everything happens in one task, so that Ctrl-C ends it wherever it is.
    // It begins when Ctrl-C can end it.
    let (beginning, begin) = AsyncStream.makeStream(of: Never.self)
    let work = Task {
      for await _ in beginning {}
      try await reporting(json: json) { try await perform() }
    }
    let interruption = Interruption { work.cancel() }
    begin.finish()
    defer { interruption.end() }
    try await work.value
  }

  private func perform() async throws {
    let inputs = try Inputs(protocol: `protocol`, bench: bench, settings: settings)
    if dryRun { return try await estimate(inputs) }
    // Only a terminal has room for a bar, and only a bar needs to know the end.
    var total: Double?
    if Progress.isTerminal {
      total = try await estimated(inputs).extent.duration
    }
    let wire = WireLog()
    let open = try OpenBench(inputs.bench, seed: seed) { wire.add($1, of: $0) }
    // Who is there, before a session is begun and while nothing is changed.
    _ = try await open.live?.connect()
    let session = try Session.create(
      at: try SessionName.next(inputs.experiment.name, in: out),
      manifest: inputs.manifest(seed: seed),
      // Simulated devices die with this process.
      durability: open.live == nil || open.lab != nil ? .batched : .powerLoss)
    wire.begin(in: session)
    let limited = LimitedBench(
      try JournaledBench(open.bench, session: session), limits: inputs.bench.limits)
    let progress = Progress(total: total)
    let result = await Runner.run(
      inputs.experiment, on: limited, seed: seed, session: session,
      prepare: { () async throws(BenchError) in try await open.live?.arm() },
      watch: progress.hear)
    progress.end()
    try conclude(result, session, open, wire)
  }

  /// Stores and shows how it ended. A disk that fails now must not hide what
  /// became of the outputs.
  private func conclude(
    _ result: RunResult, _ session: Session, _ open: OpenBench, _ wire: WireLog
  ) throws {
    var failure = Self.failure(result)
    let ending = Ending(
      exitCode: Int(failure?.code.rawValue ?? 0), message: failure?.message,
      location: failure?.diagnostics.first?.location,
      outcome: try? result.conclusion.get().json, truth: open.truth.map(JSONText.encode),
      duration: result.duration, wall: result.wall, pulses: result.pulses,
      safe: result.safe.isSafe)
    let summary = Summary(
      manifest: session.manifest, path: session.url.relativePath, ending: ending)
    do throws(SessionError) {
      try wire.finish()
      try session.finish(ending)
      try session.close()
    } catch {
      let storage = Failure(error)
      let known = failure?.diagnostics ?? []
      failure = Failure(
        failure?.code == .notSafe ? .notSafe : .storage,
        known + storage.diagnostics.filter { !known.contains($0) })
    }
    Console.print(json ? summary.document(failure: failure).text(indented: true) : summary.text)
    if let failure {
      Console.error(failure.rendered)
      throw ExitCode(failure.code.rawValue)
    }
  }

  /// What of a result is a failure: an output that is not safe outranks all.
  private static func failure(_ result: RunResult) -> Failure? {
    let cause: Failure?
    switch result.conclusion {
    case .failure(let error): cause = Failure(error)
    case .success(let conclusion): cause = conclusion.verdict.map { Failure(.verdict, $0) }
    }
    if !result.safe.isSafe {
      let open = result.safe.terminals.compactMap { terminal, state in
        if case .notConfirmed(let reason) = state { "\(terminal): \(reason)" } else { nil }
      }
      return Failure(
        .notSafe,
        [
          Diagnostic(
            "NOT CONFIRMED SAFE: \(open.joined(separator: "; "))",
            hints: ["switch the outputs off by hand now"])
        ] + (cause?.diagnostics ?? []))
    }
    return cause
  }

  /// The dry run's figures; half of a dry run is none.
  private func estimated(_ inputs: Inputs) async throws -> Estimate {
    Console.error("estimating …")
    let estimate = try await Estimate(inputs, seed: seed)
    if Task.isCancelled { throw Failure(.interrupted, "interrupted; nothing was sent") }
    return estimate
  }

  private func estimate(_ inputs: Inputs) async throws {
    let estimate = try await estimated(inputs)
    Console.print(json ? estimate.document.text(indented: true) : estimate.text)
    if estimate.failure?.code == .limit { throw ExitCode(Failure.Code.limit.rawValue) }
  }
}

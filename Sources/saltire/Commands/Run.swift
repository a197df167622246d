import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRecords
import SaltireRig

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a protocol on a bench and record the session.",
    discussion: """
      The session is written to DIR/EXPERIMENT-NNN.saltire. With --json, one document is printed \
      at the end, even if the run fails; progress goes to standard error.

      Paths in a bench file are relative to its folder; paths in --set are relative to the \
      current folder.
      """)

  @Argument(help: "The protocol file.", completion: .file(extensions: ["yaml"]))
  var `protocol`: String

  @Option(help: "The bench file.", completion: .file(extensions: ["yaml"]))
  var bench: String

  @Option(help: "The folder for the session.", completion: .directory)
  var out = "out"

  @Option(help: "The random seed of the experiment and of modelled devices.")
  var seed: UInt64 = 1

  @Option(
    name: .customLong("set"),
    help: "Override a value of the protocol or the bench: key=value. Repeatable.")
  var settings: [String] = []

  @OptionGroup var confirmation: Confirmation

  @Flag(help: "Estimate time and dose with nominal devices, without sending or recording anything.")
  var dryRun = false

  @Flag(help: "Print one JSON document at the end.")
  var json = false

  func run() async throws {
    try await interruptible { stop in
      try await reporting(json: json) { try await perform(stop) }
    }
  }

  private func perform(_ stop: Stop) async throws {
    let inputs = try Inputs(protocol: `protocol`, bench: bench, settings: settings)
    Console.tell(inputs.bench.curve)
    let claims = try confirmation.claims(for: inputs.bench)
    if dryRun { return try await estimate(inputs) }
    let identities = try Confirmation.completed(claims, for: inputs.bench, stop)
    // A progress bar needs a terminal, and only the bar needs the total time.
    var total: Double?
    if Progress.isTerminal {
      total = try await estimated(inputs).extent.duration
    }
    try await Recording(
      inputs, seed: seed, identities: identities, stop: stop, json: json,
      progress: Progress(total: total), purpose: "saltire run"
    ).begin(in: out)
  }

  /// The result of a dry run, which must finish to be useful.
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

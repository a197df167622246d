import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltirePrograms
import SaltireRecords
import SaltireRig

struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a recorded experiment again from its record, without instruments.",
    discussion: """
      Every program of the experiment is answered from the session, and the outcome is compared \
      with the recorded one bit for bit. The first program that differs ends the replay with \
      status 13, and both programs are shown.
      """)

  @Argument(help: "The session file.", completion: .file(extensions: ["saltire"]))
  var session: String

  @Option(
    name: .customLong("protocol"),
    help: "Replay with this protocol instead of the recorded one.",
    completion: .file(extensions: ["yaml"]))
  var protocolPath: String?

  @Option(
    name: .customLong("set"),
    help: "Override a value, in addition to the recorded settings: key=value.")
  var settings: [String] = []

  @Flag(help: "Print one JSON document at the end.")
  var json = false

  func run() async throws {
    try await reporting(json: json) {
      let session = try Session.open(URL(fileURLWithPath: session))
      try Unconfirmed.tell(of: session)
      let inputs = try Inputs(session.manifest, protocol: protocolPath, settings: settings)
      let replaying = LimitedBench(
        try JournaledBench(replaying: session, wiring: inputs.bench.wiring),
        limits: inputs.limits, histories: session.manifest.histories)
      let result = await Runner.run(
        inputs.experiment, on: replaying, seed: session.manifest.seed,
        recorded: try inputs.experiment.beginning(in: session),
        watch: { event in
          if case .warning(let text) = event { Console.error("warning: \(text)") }
        })
      try conclude(result, session)
    }
  }

  private func conclude(_ result: RunResult, _ session: Session) throws {
    let recorded = try session.ending()
    let conclusion: Conclusion
    switch result.conclusion {
    case .success(let success): conclusion = success
    case .failure(.recordEnded(let n)):
      let why = recorded?.message.map { ": \($0)" } ?? ""
      throw Failure(
        .badInput, "the recorded run ended before program \(n)\(why)",
        hints: ["to see what was recorded: saltire report \(self.session.quotedForShell)"])
    case .failure(let error): throw error
    }
    let place = recorded?.outcome.map(conclusion.difference) ?? ""
    if let place {
      throw Failure(
        .divergence,
        "all programs match the record, but the outcome differs"
          + (place.isEmpty ? "" : " at '\(place)'"),
        hints: [
          "recorded by version \(session.manifest.program); this is version \(Saltire.version)"
        ])
    }
    guard var ending = recorded else { return }
    if ending.isDoubtful == true {
      throw Failure(
        Int32(exactly: ending.exitCode).flatMap(Failure.Code.init(rawValue:)) ?? .software,
        "all programs match the record, which has no outcome: \(ending.message ?? "")")
    }
    ending.wall = result.wall
    let summary = Summary(manifest: session.manifest, path: self.session, ending: ending)
    if json {
      var document = summary.document(failure: nil)
      document["replayed"] = .bool(true)
      Console.print(document.text(indented: true))
    } else {
      Console.print("\(summary.text)\nreplay   identical to the recorded outcome")
    }
  }
}

import ArgumentParser
import Foundation
import SaltireCore
import SaltireExperiments
import SaltireLinks
import SaltirePrograms
import SaltireRecords

struct Show: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the contents of a session: settings, outcome, programs and wire traffic.")

  @Argument(help: "The session file.", completion: .file(extensions: ["saltire"]))
  var session: String

  @Option(help: "Show this program of the journal, counted from 0, with its observations.")
  var program: Int?

  @Flag(help: "Print the wire traffic, one message per line.")
  var wire = false

  @Option(help: "With --wire: only the messages of this instrument.")
  var instrument: String?

  @Flag(help: "Print the document that 'saltire run --json' prints.")
  var json = false

  func validate() throws {
    if instrument != nil, !wire { throw ValidationError("--instrument needs --wire") }
  }

  func run() async throws {
    try await reporting(json: json) {
      let session = try Session.open(URL(fileURLWithPath: session))
      if wire {
        try show(try session.transcript())
      } else if let program {
        try show(program, of: session)
      } else {
        try show(session)
      }
    }
  }

  private func show(_ session: Session) throws {
    let manifest = session.manifest
    let ending = try session.ending()
    if json {
      if session.isInUse {
        throw Failure(.busy, "its run is in progress, so it has no outcome yet")
      }
      guard let ending else {
        throw Failure(
          .badInput, "its run was interrupted, so it has no outcome",
          hints: try Unconfirmed.warning(of: session).map { [$0] } ?? [])
      }
      let verdict = Catalogue.standard.telling(of: ending.outcome, from: manifest.experiment)
        .verdict
      let failure = (ending.message ?? verdict).map {
        Failure(
          Int32(exactly: ending.exitCode).flatMap(Failure.Code.init(rawValue:)) ?? .software,
          [Diagnostic($0, at: ending.location)])
      }
      let summary = Summary(manifest: manifest, path: self.session, ending: ending)
      Console.print(summary.document(failure: failure).text(indented: true))
      return
    }
    Console.print(
      "recorded  \(manifest.created.formatted(.iso8601)) by saltire \(manifest.program.shownOnOneLine)"
    )
    Console.print(
      "protocol  \(manifest.protocol.name.shownOnOneLine)  sha256"
        + " \(manifest.protocol.sha256.prefix(12).shownOnOneLine)…")
    if !manifest.bench.text.isEmpty {
      Console.print(
        "bench     \(manifest.bench.name.shownOnOneLine)  sha256"
          + " \(manifest.bench.sha256.prefix(12).shownOnOneLine)…")
    }
    for (key, value) in manifest.settings.sorted(by: { $0.key < $1.key }) {
      Console.print("set       \("\(key)=\(value)".shownOnOneLine)")
    }
    Console.print("seed      \(manifest.seed)")
    for (name, value) in manifest.limits.sorted(by: { $0.key < $1.key }) {
      Console.print("limit     \("\(name) \(value)".shownOnOneLine)")
    }
    for (name, text) in (manifest.instruments ?? [:]).sorted(by: { $0.key < $1.key }) {
      Console.print("instrument \("\(name): \(text)".shownOnOneLine)")
    }
    for (name, text) in manifest.deviceTexts {
      Console.print("device    \("\(name): \(text)".shownOnOneLine)")
    }
    Console.print("journal   \(try session.stepCount()) programs")
    for resumption in try session.resumptions() { Console.print("resumed   \(resumption.text)") }
    if session.isInUse {
      Console.print("a run goes on in it")
    } else if let ending {
      Console.print(Summary(manifest: manifest, path: self.session, ending: ending).text)
    } else {
      Console.print("its run was interrupted, so it has no outcome")
      if let warning = try Unconfirmed.warning(of: session) { Console.print(warning) }
    }
  }

  private func show(_ transcript: Transcript) throws {
    guard let begin = transcript.lines.first?.event.time else {
      Console.print("no wire traffic: the bench has no instruments")
      return
    }
    let known = Set(transcript.lines.map(\.instrument)).sorted()
    if let instrument, !known.contains(instrument) {
      throw Failure(
        .badInput, "no wire traffic with an instrument '\(instrument)'",
        hints: ["instruments: \(known.joined(separator: ", "))"])
    }
    for line in transcript.lines where instrument == nil || line.instrument == instrument {
      let milliseconds = String(format: "%10.3f ms", (line.event.time - begin) * 1000)
      Console.print("\(milliseconds)  \("\(line.instrument)  \(line.event)".shownOnOneLine)")
    }
  }

  private func show(_ n: Int, of session: Session) throws {
    guard let step = try session.step(n) else {
      throw Failure(.badInput, "the journal has \(try session.stepCount()) programs, from 0")
    }
    Console.print("program \(n)\n\(step.program)")
    guard let observations = step.observations else {
      Console.print("no observations: the run ended during this program")
      return
    }
    Console.print(
      "began at \(Quantity(observations.start, .second)), took"
        + " \(Quantity(observations.duration, .second))")
    for current in observations.currents { Console.print("  \(Quantity(current, .ampere))") }
  }
}

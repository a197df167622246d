import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireRecords

struct Resume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Continue an interrupted run in its session.",
    discussion: """
      The experiment runs again from its record, as in a replay, and continues on the instruments \
      where the record ends. Every device is read first: if the drift, the gap in time or an \
      interrupted program exceeds what the 'resume' section of the protocol allows, the command \
      ends with status 13. Simulated devices do not outlive their process, so the recorded \
      programs are performed on them again. The identity of the connected devices is taken from \
      the record; --device confirms it again.
      """)

  @Argument(help: "The session file.", completion: .file(extensions: ["saltire"]))
  var session: String

  @Option(
    help: "The bench file, if it differs from the recorded one.",
    completion: .file(extensions: ["yaml"]))
  var bench: String?

  @Option(
    name: .customLong("set"),
    help: "Override a value, in addition to the recorded settings: key=value.")
  var settings: [String] = []

  @OptionGroup var confirmation: Confirmation

  @Flag(help: "Print one JSON document at the end.")
  var json = false

  func run() async throws {
    try await interruptible { stop in
      try await reporting(json: json) { try await perform(stop) }
    }
  }

  private func perform(_ stop: Stop) async throws {
    let url = URL(fileURLWithPath: session)
    let record = try Session.open(url)
    let manifest = record.manifest
    let ending = try record.ending()
    try Unconfirmed.tell(of: record)
    try record.close()
    if ending?.outcome != nil {
      throw Failure(
        .badInput, "\(session) is complete: there is nothing to resume",
        hints: ["saltire report \(session.quotedForShell)"])
    }
    if ending?.isDoubtful == true {
      throw Failure(
        .divergence,
        "\(session) ended because an instrument had changed\(ending?.message.map { ": \($0)" } ?? "")",
        hints: ["a run cannot go on from readings that may be wrong: start another one"])
    }
    let recorded = try Inputs(manifest, settings: [])
    let inputs = try Inputs(manifest, bench: bench, settings: settings)
    guard inputs.bench.wiring == recorded.bench.wiring else {
      throw Failure(
        .badInput,
        "the devices or terminals of \(inputs.bench.document.name) differ from the record",
        hints: ["only settings such as addresses and limits may differ"])
    }
    let identities = try confirmation.recorded(manifest, for: [recorded.bench, inputs.bench])
    try await Recording(
      inputs, seed: manifest.seed, identities: identities, stop: stop, json: json,
      progress: Progress(total: nil), purpose: "saltire resume"
    ).goOn(in: url, recorded: recorded.limits)
  }
}

import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireRecords

struct Resume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a run that was cut off, in its session.",
    discussion: """
      The experiment runs again against its record, as in a replay, and goes live where \
      that ends. Before, every device is read again: a drift, a gap or a program cut off \
      half-way beyond what the protocol's 'resume' section allows ends it with status 13. \
      On simulated devices, which died with their process, the record is performed again. \
      Which devices are connected is taken from the record; --device confirms it again.
      """)

  @Argument(help: "The session file.", completion: .file(extensions: ["saltire"]))
  var session: String

  @Option(
    help: "The bench file, where it is not the recorded one any more.",
    completion: .file(extensions: ["yaml"]))
  var bench: String?

  @Option(
    name: .customLong("set"), help: "Replace a value, on top of the recorded settings: key=value.")
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
        .badInput, "\(session) came to its end: there is nothing to go on with",
        hints: ["saltire report \(session)"])
    }
    let recorded = try Inputs(manifest, settings: [])
    let inputs = try Inputs(manifest, bench: bench, settings: settings)
    guard inputs.bench.wiring == recorded.bench.wiring else {
      throw Failure(
        .badInput, "\(inputs.bench.document.name) has other devices or terminals than the record",
        hints: ["only addresses, limits and the like may be others"])
    }
    let identities = try confirmation.recorded(manifest, for: [recorded.bench, inputs.bench])
    try await Recording(
      inputs, seed: manifest.seed, identities: identities, stop: stop, json: json,
      progress: Progress(total: nil), purpose: "saltire resume"
    ).goOn(in: url, recorded: recorded.bench.limits)
  }
}

import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltireRecords

struct Commission: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show that a bench is wired as its file says, before the first device.",
    discussion: """
      Put resistors of known value in place of the devices: one from drain to row, and one as \
      large from gate to drain. Different values tell devices apart. Saltire drives one terminal \
      at a time with a small level, compares the currents of all meters with those of the \
      resistors, and measures offset, noise, settling and the time of a step. With instruments \
      outside this process it first shows that every output goes off on 'saltire off' and when a \
      run is killed.

      The session and its report are those of any run; the exit status is 11 if anything is wrong.
      """)

  @Argument(help: "The bench file.", completion: .file(extensions: ["yaml"]))
  var bench: String

  @Option(
    help: ArgumentHelp(
      "The resistors: one value for all devices, or one for each, as in 330k,470k,680k,1M."))
  var resistors: String?

  @Flag(help: "Nothing is connected.")
  var open = false

  @Flag(help: "The devices themselves are connected.")
  var devices = false

  @Option(help: "The largest level on any terminal.")
  var level = "50 mV"

  @Option(help: "The time from pulse to read of your protocols, to compare with.")
  var settle = "50 ms"

  @Option(help: "The folder for the session.", completion: .directory)
  var out = "out"

  @Option(name: .customLong("set"), help: "Override a value of the bench: key=value. Repeatable.")
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
    let text = try text()
    let inputs = try Inputs(bench: bench, settings: settings) {
      try Document(name: CommissioningExperiment.name, text: text)
    }
    let claims = try confirmation.claims(for: inputs.bench)
    let identities =
      devices ? try Confirmation.completed(claims, for: inputs.bench, stop) : [:]
    // First: what follows may rely on outputs that go off.
    if inputs.bench.isOutside {
      for text in try await OutputChecks(inputs.bench, path: bench, settings: settings).perform() {
        if json { Console.error(text) } else { Console.print(text) }
      }
    }
    try await Recording(
      inputs, seed: 1, identities: identities, stop: stop, json: json,
      progress: Progress(total: nil), purpose: "saltire commission"
    ).begin(in: out)
  }

  /// The protocol that the options make.
  private func text() throws(Failure) -> String {
    let stated = [resistors != nil, open, devices].count { $0 }
    guard stated == 1 else {
      throw Failure(
        .usage, "say what is connected: --resistors VALUE, --open or --devices",
        hints: ["--resistors 330k: one from drain to row and one from gate to drain, a device"])
    }
    guard devices || confirmation.devices.isEmpty else {
      throw Failure(.usage, "--device confirms a device, but none is connected without --devices")
    }
    let connected: Connected = resistors != nil ? .resistors : open ? .nothing : .devices
    var lines = [
      "experiment: \(CommissioningExperiment.name)", "connected: \(connected.rawValue)",
      "level: \(level)", "settle: \(settle)",
    ]
    if let resistors {
      let values = resistors.split(separator: ",").map { value in
        let value = value.trimmingCharacters(in: .whitespaces)
        return value.hasSuffix("Ω") || value.lowercased().hasSuffix("ohm") ? value : "\(value)Ohm"
      }
      lines.append("resistors: [\(values.joined(separator: ", "))]")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltireInstruments
import SaltirePrograms
import SaltireRecords
import SaltireRig
import SaltireSimulation
import SaltireTraining

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a bench file, a protocol against a bench, or a definition. Nothing runs.",
    discussion: """
      For a bench of instruments, saltire connects, queries the identity and settings of every \
      instrument, and changes no setting. A protocol for 'saltire train' needs no bench. Lifetime \
      limits are compared with the dose of the protocol alone, on nominal devices; the previous \
      dose of a device is added when the protocol runs.

      A definition is compared with the exchanges beside it: the definition must send their \
      requests, and its simulation must give their replies.
      """)

  @Argument(
    help: ArgumentHelp(
      "A bench file, an instrument definition, a protocol that trains networks or, with --bench,"
        + " any other protocol."),
    completion: .file(extensions: ["yaml"]))
  var file: String

  @Option(
    help: "The bench on which to check the protocol.", completion: .file(extensions: ["yaml"]))
  var bench: String?

  @Flag(help: "Write the serial numbers of the instruments found into the bench file.")
  var pin = false

  @Option(name: .customLong("set"), help: "Override a value: key=value. Repeatable.")
  var settings: [String] = []

  func run() async throws {
    try await reporting {
      if let bench { return try await check(against: bench) }
      let document = try Document(path: file)
      let overrides = try Overrides(arguments: settings)
      let reader = Reader(document)
      if Definition.isDefinition(document) { return try check(definition: document) }
      guard reader.has(ProtocolKeys.experiment) else {
        return try await check(BenchFile(document, overrides: overrides))
      }
      guard reader[ProtocolKeys.experiment].value == NetworkProtocol.experiment else {
        throw Failure(
          .usage, "\(file) is a protocol and needs a bench to check it on",
          hints: [
            "example: saltire check \(file.quotedForShell) --bench instruments/benches/model.yaml"
          ])
      }
      let networks = try NetworkProtocol(document, overrides: overrides)
      Console.tell(networks.conditions["curve"])
      Console.print(
        "\(file): a \(NetworkProtocol.experiment) protocol of"
          + " \(networks.labels.joined(separator: ", "))")
    }
  }

  /// Holds a definition against the exchanges beside it.
  private func check(definition document: Document) throws {
    let name = String(file.split(separator: "/").suffix(2).joined(separator: "/").dropLast(5))
    let definition = try Definition(document, name: name)
    let path = file.dropLast(5) + ".exchanges"
    let text = try BoundedFile.text(String(path), limit: Document.longest)
    let exchanges = try ExchangeFile(name: String(path), text: text)
    let faults = Evidence(exchanges, of: definition).faults
    if !faults.isEmpty { throw Diagnostics(faults) }
    let all = exchanges.conversations.flatMap(\.exchanges)
    Console.print(
      "\(file): defines \(definition.models.map(\.name).joined(separator: ", "))\n"
        + "\(path): \(all.count) exchanges, \(all.count { $0.citation.basis == .printed }) of them"
        + " read in a manual; all agree with the definition and its simulation")
    if let refusal = definition.refusal { Console.print("simulated only: \(refusal)") }
  }

  private func check(against path: String) async throws {
    let inputs = try Inputs(protocol: file, bench: path, settings: settings)
    Console.warn(inputs.bench.warnings)
    Console.tell(inputs.bench.curve)
    if inputs.bench.limits.hasLifetimes {
      let estimate = try await Estimate(inputs, seed: 1)
      if let failure = estimate.failure, failure.code == .limit { throw failure }
    }
    Console.print("\(file): a \(inputs.experiment.name) protocol, within the limits of \(path)")
  }

  private func check(_ bench: BenchFile) async throws {
    Console.warn(bench.warnings)
    Console.tell(bench.curve)
    Console.print(
      "\(file): a bench of \(bench.kind == .model ? "device models" : "instruments")")
    for array in bench.wiring.arrays {
      let devices = array.sites.map { site in
        let identity = bench.identities[site.device].map { ", \($0.value.text)" } ?? ""
        return "\(site.device) (gate \(site.gate), drain \(site.drain)\(identity))"
      }
      Console.print(
        "  array \(array.name)  row \(array.row?.name ?? "ground"): \(devices.joined(separator: ", "))"
      )
    }
    for line in bench.station?.engineSummary ?? [] { Console.print("  engine  \(line)") }
    if bench.station != nil { try await connect(bench) }
    for (name, value) in bench.limits.summary.sorted(by: { $0.key < $1.key }) {
      Console.print("  limit  \(name)  \(value)")
    }
  }

  private func write(_ identities: [String: Identity], into document: Document) throws {
    let text = try document.text(
      setting: identities.sorted { $0.key < $1.key }.map {
        (["instruments", $0.key, "serial"], $0.value.serial)
      })
    try NewFile.write(text.utf8, to: URL(fileURLWithPath: file))
    Console.print("  serial numbers written to \(file)")
  }

  /// Queries the identity and settings of every instrument of the bench.
  private func connect(_ bench: BenchFile) async throws {
    let lock = try RigLock(
      bench.station?.addresses ?? [], for: RigLock.Holder(purpose: "saltire check"))
    defer { lock.release() }
    guard let live = try OpenBench(bench, seed: 1).live else { return }
    let identities = try await live.connect()
    for (name, identity) in identities.sorted(by: { $0.key < $1.key }) {
      Console.print("  \(name)  \(identity)")
    }
    if pin {
      try write(identities, into: bench.document)
    } else {
      Recording.warnOfAlike(in: bench.station)
    }
    for (name, errors) in try await live.takeErrors().sorted(by: { $0.key < $1.key }) {
      Console.print("  \(name)  error queue was not empty: \(errors.summary)")
    }
    for check in try await live.check() {
      let other = check.settings.filter { !$0.isAsArmed }
      let output = check.isOn ? "OUTPUT ON" : "off"
      Console.print(
        "  terminal \(check.terminal)  \(output)"
          + (other.isEmpty ? ", settings as a run would set them" : ""))
      for setting in other {
        Console.print(
          "    \(setting.question)  is \(setting.found); a run would"
            + (setting.isOnlyAsked ? " be refused: it needs " : " set ") + setting.armed)
      }
    }
  }
}

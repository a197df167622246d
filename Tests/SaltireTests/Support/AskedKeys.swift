import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltireInstruments
import SaltireTesting
import SaltireTraining

/// What the readers of a kind of file ask for, when they read all files of it that are
/// shipped, as they are and with what those leave out.
struct AskedKeys {
  let asked: [String: any DeclaredKey]

  init(_ kind: String) throws {
    switch kind {
    case "bench":
      // Benches of instruments read definitions too.
      let own = Set(BenchFile.keys.map(\.name)).subtracting(Definition.keys.map(\.name))
      let instruments = try Self.asked { try Self.benches("simulated") }
        .filter { own.contains(String($0.key.prefix { $0 != "." && $0 != "[" })) }
      asked = try Self.asked { try Self.benches("model") }.merging(instruments) { $1 }
    case "definition": asked = try Self.asked(Self.definitions)
    case NetworkProtocol.experiment: asked = try Self.asked(Self.networks)
    default: asked = try Self.asked { try Self.protocols(kind) }
    }
  }

  private static func asked(_ read: () throws -> Void) throws -> [String: any DeclaredKey] {
    let witness = ReadWitness()
    try ReadWitness.$current.withValue(witness) { try read() }
    return witness.asked
  }

  private static let devices = [
    ["reference.mean=0", "family=soft-bounds"], ["family=power"], ["family=linear"],
    ["family=piecewise"], ["drift.exponent=0.1"],
    ["curve=x.csv", "format.resistance=on"],
  ]

  private static func files(_ folder: String) throws -> [Document] {
    let url = Command.root.appendingPathComponent(folder)
    return try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted()
      .filter { $0.hasSuffix(".yaml") }.map { try document("\(folder)/\($0)") }
  }

  static func document(_ path: String) throws -> Document {
    try Document(
      name: Command.root.appendingPathComponent(path).path,
      text: String(contentsOf: Command.root.appendingPathComponent(path), encoding: .utf8))
  }

  /// Without what presets say: faults are no matter here.
  private static func benches(_ name: String) throws {
    let more = [
      [], ["adapters.GPIB0.resource=ASRL1::INSTR"], ["conditions.note=x"],
      ["instruments.smu1.resource=ASRL1::INSTR"],
      ["limits.devices.A1.gate.max=1 V", "limits.devices.A1.conductance.min=1 uS"],
    ]
    for document in try files("instruments/benches") where document.name.contains("/\(name)") {
      let plain = try Document(
        name: document.name, text: document.text.replacing(/(preset|curve): [^,}#\n]*,?/, with: ""))
      for settings in more { _ = try? BenchFile(document, overrides: .init(settings: settings)) }
      for settings in devices {
        _ = try? BenchFile(
          plain, overrides: .init(settings: settings.map { "devices.\($0)" }))
      }
    }
  }

  private static func definitions() throws {
    for document in try files("instruments") where !document.name.contains("/benches/") {
      _ = try Definition(document, name: "x/y")
    }
  }

  private static func networks() throws {
    let folder = try TemporaryFolder()
    let text = try folder.write(String(repeating: "a quick brown fox\n", count: 100), "text.txt")
    let small = ["text.file=\(text)", "text.train=1000", "text.test=100"]
    let more = [
      ["watch.row=0"], ["core_device.preset=EcRam"], ["device.name=x", "device.session=y"],
      ["periphery.input_bound=1"], ["learning.rule=agad"],
    ]
    for document in try files("protocols")
    where document.text.contains("experiment: \(NetworkProtocol.experiment)") {
      let plain = try Document(
        name: document.name,
        text: document.text.replacing(/(preset|curve|family): [^,}#\n]*,?/, with: ""))
      for settings in more {
        _ = try? NetworkProtocol(document, overrides: .init(settings: small + settings))
      }
      for section in ["device", "core_device"] {
        for settings in devices + [["session=x"], ["preset=EcRam"]] {
          _ = try? NetworkProtocol(
            plain, overrides: .init(settings: small + settings.map { "\(section).\($0)" }))
        }
      }
    }
  }

  private static func protocols(_ experiment: String) throws {
    let bench = try ReadWitness.$current.withValue(nil) {
      try BenchFile(document("instruments/benches/model.yaml"))
    }
    for settings in [[], ["swords.turn.min=1 uS"], ["watch.every=1", "watch.policy=pause"]] {
      _ = try? Catalogue.standard.prepare(
        document("protocols/\(experiment).yaml"), overrides: .init(settings: settings),
        wiring: bench.wiring, limits: bench.limits)
    }
  }
}

internal import ArgumentParser
internal import Foundation
internal import SaltireCore
internal import SaltireInstruments
internal import SaltireLab

struct List: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the instruments of a bench, and the families that can be simulated.")

  @Option(help: "The bench file.", completion: .file(extensions: ["yaml"]))
  var bench: String?

  func run() async throws {
    try await reporting {
      if let bench { try list(bench) }
      let library = try InstrumentLibrary.shipped()
      Console.print("simulated families (sim:NAME in a bench file, or 'saltire simulate NAME'):")
      for definition in library.definitions {
        let vendor = definition.name.split(separator: "/")[0]
        let models = definition.models.map { "\(vendor)/\($0.name.lowercased())" }
        Console.print("  \(definition.title)")
        Console.print("    \(models.joined(separator: ", "))")
      }
    }
  }

  private func list(_ path: String) throws {
    let bench = try BenchFile(try Document(path: path))
    guard let station = bench.station else {
      Console.print("\(path) has no instruments: its devices are models\n")
      return
    }
    Console.print("\(path):")
    for (board, adapter) in station.adapters.sorted(by: { $0.key < $1.key }) {
      Console.print("  GPIB\(board)  \(adapter.resource)  adapter")
    }
    for entry in station.instruments {
      Console.print(
        "  \(entry.name)  \(entry.resource)  \(entry.definition.title) \(entry.model.name)")
      for terminal in bench.wiring.terminals {
        guard let channel = station.channels[terminal], channel.instrument == entry.name else {
          continue
        }
        let current = channel.current.map { ", \(Quantity($0, .ampere))" } ?? ""
        Console.print(
          "    \(channel.name)  \(terminal), up to \(Quantity(channel.voltage, .volt))\(current)")
      }
    }
    Console.print("")
  }
}

extension InstrumentLibrary {
  /// The definitions in `instruments` where the program runs.
  ///
  /// - Throws: ``Failure`` where there are none; `Diagnostics` for faults.
  static func shipped() throws -> InstrumentLibrary {
    let folder = URL(fileURLWithPath: InstrumentFiles.folder)
    var library = InstrumentLibrary()
    for path in InstrumentFiles.paths(in: folder) {
      let document = try Document(path: "\(InstrumentFiles.folder)/\(path)")
      try library.add(document, name: String(path.dropLast(5)))
    }
    guard !library.definitions.isEmpty else {
      throw Failure(
        .badInput, "there is no folder 'instruments' with definitions here",
        hints: ["run saltire where its instruments folder is"])
    }
    return library
  }

  /// What to do about a name that is none of the families.
  func hint(for name: String) -> String {
    suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
      ?? "families: \(names.joined(separator: ", "))"
  }
}

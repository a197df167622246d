import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireRecords
import SaltireRig

struct List: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List connected instruments and serial ports, and the instrument families that can be"
      + " simulated.",
    discussion: """
      The list comes from the operating system: saltire opens no port and sends nothing. \
      --identify opens the USB instruments that are not in use and queries their identity. Serial \
      ports are never queried, because any kind of device may be connected to them.
      """)

  @Option(
    help: "Also list the instruments of this bench file.",
    completion: .file(extensions: ["yaml"]))
  var bench: String?

  @Flag(help: "Query the identity of USB instruments.")
  var identify = false

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() async throws {
    try await reporting(json: json) {
      let library = try InstrumentLibrary.shipped()
      let bench = try self.bench.map { try BenchFile(try Document(path: $0)) }
      // A bench file in another folder has its own definitions next to it.
      let others = bench?.warnings.filter { !library.faults.contains($0) } ?? []
      Console.warn(library.faults + others)
      let found = Inventory(library, identifying: identify)
      if json {
        var document = found.document
        if let station = bench?.station { document["bench"] = Self.document(station) }
        Console.print(document.text(indented: true))
        return
      }
      if let bench, let path = self.bench { list(bench, path) }
      Console.print(found.text)
    }
  }

  private static func document(_ station: Station) -> JSONValue {
    .array(
      station.instruments.map {
        .object([
          "name": .string($0.name), "resource": .string("\($0.resource)"),
          "family": .string($0.definition.name), "model": .string($0.model.name),
        ])
      })
  }

  private func list(_ bench: BenchFile, _ path: String) {
    guard let station = bench.station else {
      Console.print("\(path) has no instruments; its devices are models\n")
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
  /// The definitions in the folder `instruments` of the current folder.
  ///
  /// - Throws: ``Failure`` if there are none.
  static func shipped() throws(Failure) -> InstrumentLibrary {
    let library = InstrumentLibrary(folder: URL(fileURLWithPath: InstrumentFiles.folder))
    guard !library.definitions.isEmpty || !library.faults.isEmpty else {
      throw Failure(
        .badInput, "there is no folder 'instruments' with definitions here",
        hints: ["run saltire in the folder that contains 'instruments'"])
    }
    return library
  }

  /// The definition and model for a name on the command line.
  ///
  /// - Throws: ``Failure`` if the name is unknown or its file has faults.
  func family(_ name: String) throws(Failure) -> (definition: Definition, model: Definition.Model) {
    if let found = find(name) { return found }
    let faults = faults(for: name)
    guard faults.isEmpty else { throw Failure(.badInput, faults) }
    throw Failure(.usage, "unknown instrument family '\(name)'", hints: [hint(for: name)])
  }
}

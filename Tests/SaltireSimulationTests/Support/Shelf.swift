import Foundation
import SaltireCore
import SaltireInstruments
import SaltireSimulation

/// The shipped definitions, and labs of single instruments.
enum Shelf {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let library: InstrumentLibrary = {
    let folder = root.appendingPathComponent("instruments")
    var library = InstrumentLibrary()
    for path in InstrumentFiles.paths(in: folder) {
      let text = try! String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      try! library.add(Document(name: path, text: text), name: String(path.dropLast(5)))
    }
    return library
  }()

  /// The exchanges beside a definition such as keithley/2400.
  static func exchanges(_ name: String) throws -> ExchangeFile {
    try ExchangeFile(name: "instruments/\(name).exchanges", text: exchangeText(name))
  }

  static func exchangeText(_ name: String) throws -> String {
    let file = root.appendingPathComponent("instruments/\(name).exchanges")
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// A lab with one instrument, its first channel on a resistor to ground.
  static func lab(_ name: String, ohms: Double = 1e6) -> SimulatedLab {
    let (definition, model) = library.find(name)!
    var nodes: [String: String] = [:]
    for channel in model.channels { nodes[channel] = "node \(channel)" }
    var plan = LabPlan(instruments: [
      .init(name: "it", definition: definition, model: model, nodes: nodes)
    ])
    plan.resistors = [.init(node: "node \(model.channels[0])", ohms: ohms)]
    return SimulatedLab(plan, seed: 1)
  }
}

extension SimulatedLab {
  /// What the only instrument answers to bytes.
  func answer(_ bytes: [UInt8]) -> [UInt8] { receive(bytes, at: "it") ?? [] }

  /// The messages that the only instrument gives in reply to one, without
  /// terminators, and without the NULs that some fill their answers up with.
  func tell(_ message: String) -> [String] {
    answer(Array(message.utf8) + [10]).split { $0 == 10 || $0 == 13 }.compactMap {
      let line = $0.drop { $0 == 0 }
      return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
  }

  /// What the only instrument answers to a line, without the terminator.
  func ask(_ line: String) -> String {
    tell(line).joined(separator: "\n")
  }
}

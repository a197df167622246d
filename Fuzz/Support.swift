import Foundation
import SaltireCore
import SaltireInstruments
import SaltireSimulation

/// The bytes that libFuzzer gives a target.
func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  Array(UnsafeBufferPointer(start: start, count: count))
}

/// The input in two: what comes before its first NUL, and how to cut it up.
func pieces(_ input: [UInt8]) -> (whole: [UInt8], pieces: [[UInt8]]) {
  let end = input.firstIndex(of: 0) ?? input.count
  let whole = Array(input[..<end])
  let sizes = input[min(end + 1, input.count)...].map { Int($0 % 16) + 1 }
  var pieces: [[UInt8]] = []
  var rest = whole[...]
  while !rest.isEmpty {
    let size = sizes.isEmpty ? 1 : sizes[pieces.count % sizes.count]
    pieces.append(Array(rest.prefix(size)))
    rest = rest.dropFirst(size)
  }
  return (whole, pieces)
}

/// The definitions, read once, from the folder above this one.
enum Shelf {
  static let library: InstrumentLibrary = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent(InstrumentFiles.folder)
    var library = InstrumentLibrary()
    for path in InstrumentFiles.paths(in: folder) {
      let text = try! String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      try! library.add(Document(name: path, text: text), name: String(path.dropLast(5)))
    }
    return library
  }()

  static func lab(_ name: String) -> SimulatedLab {
    let (definition, model) = library.find(name)!
    var plan = LabPlan(instruments: [
      .init(
        name: "it", definition: definition, model: model, nodes: [model.channels[0]: "node"])
    ])
    plan.resistors = [.init(node: "node", ohms: 1e6)]
    return SimulatedLab(plan, seed: 1)
  }
}

extension SimulatedLab {
  /// What the only instrument answers; it has no faults, so it never hangs up.
  func answer(_ bytes: [UInt8]) -> [UInt8] { receive(bytes, at: "it")! }
}

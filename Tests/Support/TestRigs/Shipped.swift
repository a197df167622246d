package import Foundation
package import SaltireBenches
import SaltireCore
import SaltireDevices
package import SaltireExperiments
import SaltirePrograms
import SaltireRecords
import SaltireRig
package import SaltireSimulation
import Testing

/// The bench and protocol files that the repository ships, read as the
/// command line reads them.
package enum Shipped {
  package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  package static func bench(_ name: String = "model", _ settings: [String] = []) throws -> BenchFile
  {
    try BenchFile(
      document("instruments/benches/\(name).yaml"),
      overrides: Overrides(settings: settings).split(by: BenchFile.keys).matching)
  }

  package static func experiment(
    _ name: String, for bench: BenchFile, _ settings: [String] = []
  ) throws -> PreparedExperiment {
    try Catalogue.standard.prepare(
      document("protocols/\(name).yaml"),
      overrides: Overrides(settings: settings).split(by: BenchFile.keys).others,
      wiring: bench.wiring, limits: bench.limits)
  }

  private static func document(_ path: String) throws -> Document {
    try Document(
      name: path, text: String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
  }
}

extension ModelBench {
  /// A bench from a shipped file, as it is or with settings.
  package convenience init(_ name: String = "model", seed: UInt64 = 1, _ settings: [String] = [])
    throws
  {
    let file = try Shipped.bench(name, settings)
    self.init(wiring: file.wiring, devices: try #require(file.devices), seed: seed)
  }

  /// What a device conducts now, siemens.
  package func conductance(_ name: String) -> Double { devices[name]?.conductance ?? .nan }
}

extension SimulatedDevices.Drawn {
  /// Siemens, as stored.
  package var conductance: Double { map.conductance(device.weight) }
}

/// One run of a shipped protocol on a shipped bench, without a session.
package struct LabRun {
  package let bench: OpenBench
  package let result: RunResult

  package init(
    _ experiment: String, on bench: String = "model", seed: UInt64, _ settings: [String] = []
  ) async throws {
    try await self.init(experiment, on: Shipped.bench(bench, settings), seed: seed, settings)
  }

  package init(
    _ experiment: String, on file: BenchFile, seed: UInt64, _ settings: [String]
  ) async throws {
    let prepared = try Shipped.experiment(experiment, for: file, settings)
    let open = try OpenBench(file, seed: seed)
    _ = try await open.live?.connect()
    try await open.live?.arm()
    self.bench = open
    result = await Runner.run(
      prepared, on: LimitedBench(open.bench, limits: prepared.limits(of: file.limits)), seed: seed)
  }

  package var conclusion: Conclusion { get throws { try result.conclusion.get() } }

  package func outcome<Outcome: Decodable>(as type: Outcome.Type = Outcome.self) throws -> Outcome {
    guard let outcome = JSONText.decode(type, from: try conclusion.json) else {
      throw NotAnOutcome(json: try conclusion.json)
    }
    return outcome
  }

  package struct NotAnOutcome: Error {
    let json: String
  }
}

/// `body` for every value, side by side; results in the order of the values.
package func each<Value: Sendable, Element: Sendable>(
  _ values: some Sequence<Element>, _ body: @escaping @Sendable (Element) async throws -> Value
) async throws -> [Value] {
  try await withThrowingTaskGroup(of: (Int, Value).self) { group in
    for (index, element) in values.enumerated() {
      group.addTask { (index, try await body(element)) }
    }
    var results: [Int: Value] = [:]
    for try await (index, value) in group { results[index] = value }
    return results.sorted { $0.key < $1.key }.map(\.value)
  }
}

package func mean(_ values: some Collection<Double>) -> Double {
  values.reduce(0, +) / Double(values.count)
}

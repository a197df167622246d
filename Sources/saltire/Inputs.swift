import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltireInstruments
import SaltirePrograms
import SaltireRecords
import SaltireRig

/// A bench and an experiment, read from files.
struct Inputs {
  let bench: BenchFile
  let `protocol`: Document
  let experiment: PreparedExperiment
  let overrides: Overrides
  /// The limits of the bench that apply to the experiment.
  var limits: Limits { experiment.limits(of: bench.limits) }

  /// Reads both files and applies the overrides of the command line.
  ///
  /// - Throws: ``Diagnostics``; ``Failure`` for a file that cannot be read.
  init(protocol path: String, bench: String, settings: [String]) throws {
    try self.init(bench: bench, settings: settings) { try Document(path: path) }
  }

  /// Reads a bench file and a protocol that needs no file.
  ///
  /// - Parameter document: makes the protocol, after the bench file was read.
  /// - Throws: ``Diagnostics``; ``Failure`` for a file that cannot be read.
  init(
    bench benchPath: String, settings: [String], protocol document: () throws -> Document
  ) throws {
    overrides = try Overrides(arguments: settings)
    let split = overrides.split(by: BenchFile.keys)
    bench = try BenchFile(try Document(path: benchPath), overrides: split.matching)
    `protocol` = try document()
    experiment = try Catalogue.standard.prepare(
      `protocol`, overrides: split.others, wiring: bench.wiring, limits: bench.limits)
    let faults = bench.station?.faults(in: experiment.demands, wiring: bench.wiring) ?? []
    if !faults.isEmpty { throw Diagnostics(faults) }
  }

  /// The inputs of a recorded session, with further overrides.
  ///
  /// - Parameters:
  ///   - bench: a bench file that replaces the recorded one.
  ///   - protocol: a protocol file that replaces the recorded one.
  /// - Throws: ``Diagnostics``; ``Failure`` if the session has no bench.
  init(
    _ manifest: Manifest, bench benchPath: String? = nil, protocol path: String? = nil,
    settings: [String]
  ) throws {
    guard !manifest.bench.text.isEmpty else {
      throw Failure(
        .badInput, "this is a training session and has no bench to replay",
        hints: [
          "train again with the same protocol, settings and seed: the results are bit-identical"
        ])
    }
    let recorded = manifest.settings.map { "\($0.key)=\($0.value)" }.sorted()
    overrides = try Overrides(arguments: recorded + settings)
    let split = overrides.split(by: BenchFile.keys)
    if let benchPath {
      bench = try BenchFile(try Document(path: benchPath), overrides: split.matching)
    } else {
      bench = try BenchFile(
        try Document(name: manifest.bench.name, text: manifest.bench.text),
        overrides: split.matching, attachments: manifest.attachments)
    }
    `protocol` =
      try path.map { try Document(path: $0) }
      ?? Document(name: manifest.protocol.name, text: manifest.protocol.text)
    experiment = try Catalogue.standard.prepare(
      `protocol`, overrides: split.others, wiring: bench.wiring, limits: bench.limits)
  }

  /// The manifest of a session with these inputs.
  ///
  /// - Parameters:
  ///   - began: the moment of lab time zero.
  ///   - identities: the identities of the devices, by name.
  ///   - doses: the previous dose of each device; nil if not looked up.
  func manifest(
    seed: UInt64, began: HostMoment, instruments: [String: Identity]?,
    identities: [String: DeviceIdentity], doses: [String: Dose]?
  ) -> Manifest {
    var limits = limits.summary
    if bench.isOutside { limits["guardian"] = bench.guardian.summary }
    var conditions = bench.conditions
    if let curve = bench.curve { conditions["curve"] = curve }
    return Manifest(
      program: Saltire.version, created: began.date, uptime: began.uptime,
      experiment: experiment.name,
      protocol: .init(name: `protocol`.name, text: `protocol`.text),
      bench: .init(name: bench.document.name, text: bench.document.text),
      attachments: bench.attachments, settings: overrides.values, seed: seed,
      limits: limits, conditions: conditions,
      engines: bench.station?.engineSummary ?? [], id: UUID().uuidString,
      instruments: instruments?.mapValues(\.description),
      identities: bench.isOutside ? identities : nil, doses: doses)
  }
}

extension Overrides {
  /// The overrides of the command line.
  ///
  /// - Throws: ``Failure`` for one that is not key=value.
  init(arguments: [String]) throws {
    do throws(Diagnostics) {
      try self.init(settings: arguments)
    } catch {
      throw Failure(.usage, error.items)
    }
  }
}

extension Document {
  /// The document in the file at `path`.
  ///
  /// - Throws: ``Diagnostics``; ``Failure`` for a file that cannot be read.
  init(path: String) throws {
    let text: String
    do throws(BoundedFile.Refusal) {
      text = try BoundedFile.text(path, limit: Document.longest)
    } catch {
      guard case .tooLong = error else { throw error }
      let start = SourceLocation(file: path, line: 1, column: 1, excerpt: "")
      throw Diagnostics(Diagnostic(error.message, at: start))
    }
    try self.init(name: path, text: text)
  }
}

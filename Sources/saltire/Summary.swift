import Foundation
import SaltireAnalysis
import SaltireCore
import SaltireExperiments
import SaltireRecords
import SaltireReport
import SaltireTraining

/// How a run went, as text for people and as the document of `--json`.
struct Summary {
  let manifest: Manifest
  let path: String
  let ending: Ending

  /// The document; `failure` becomes its `error`.
  func document(failure: Failure?) -> JSONValue {
    var document = JSONValue.object([
      "experiment": .string(manifest.experiment),
      "session": .string(path),
      // What no Int holds is told in digits.
      "seed": Int(exactly: manifest.seed).map { .integer($0) } ?? .string("\(manifest.seed)"),
      "duration_s": .number(ending.duration),
      "wall_s": .number(ending.wall),
      "pulses": .integer(ending.pulses),
      "safe": .bool(ending.safe),
    ])
    if let outcome = ending.outcome.flatMap(JSONValue.init(text:)) {
      document["outcome"] = Self.adding(ending.truth, to: outcome)
    }
    if let failure { document["error"] = failure.document }
    return document
  }

  /// The outcome with what models know of their devices.
  private static func adding(_ truth: String?, to outcome: JSONValue) -> JSONValue {
    guard case .object(let all)? = truth.flatMap(JSONValue.init(text:)),
      case .object(let devices)? = outcome["devices"]
    else { return outcome }
    var outcome = outcome
    var known = devices
    for (name, device) in devices {
      var device = device
      if let truth = all[name] { device["truth"] = truth }
      known[name] = device
    }
    outcome["devices"] = .object(known)
    return outcome
  }

  /// A few lines with what was found, and what to do next.
  var text: String {
    var lines = ["\(manifest.experiment): \(ending.message ?? "done")".shownOnOneLine]
    if let outcome = ending.outcome,
      let found = JSONText.decode(CharacterisationOutcome.self, from: outcome)
    {
      for (name, device) in found.devices.sorted(by: { $0.key < $1.key }) {
        let point = device.symmetryPoint.map {
          "symmetry point \(uncertain($0.value, standardError: $0.standardError, unit: "S"))"
        }
        let range = device.range.map { range in
          let ends = [range.min, range.max].map { Quantity($0, .siemens).formatted(digits: 3) }
          return " from \(ends[0]) to \(ends[1])"
        }
        let states = device.states.map {
          "\(Quantity($0.rounded(), .one).formatted(digits: 4)) states" + (range ?? "")
        }
        let kappa = device.kappa.map { "κ \(Quantity($0, .one).formatted(digits: 3))" }
        let parts = [point ?? device.verdict, states, kappa].compactMap(\.self)
        lines.append("  \(name)  \(parts.joined(separator: ", "))".shownOnOneLine)
      }
      if let training = JSONText.decode(TrainingOutcome.self, from: outcome),
        let targets = training.target, training.isConsistent
      {
        lines += Self.table(training, targets)
        if let watch = training.watch { lines.append("  \(watch.summary)") }
      }
    }
    if let found = ending.outcome.flatMap({ JSONText.decode(NetworkOutcome.self, from: $0) }) {
      lines += Self.table(found)
    }
    guard !manifest.bench.text.isEmpty else {
      lines.append("session  \(path)")
      lines.append("next     saltire report \(path)")
      return lines.joined(separator: "\n")
    }
    lines.append(
      "  \(labTime(ending.duration)) of lab time, \(ending.pulses) pulses;"
        + " outputs \(ending.safe ? "confirmed safe" : "NOT confirmed safe")")
    lines.append("session  \(path)")
    lines.append("next     saltire report \(path)")
    // A limit that stopped it would stop it again.
    if ending.outcome == nil, ending.exitCode != Int(Failure.Code.limit.rawValue) {
      lines.append("or       saltire resume \(path)")
    }
    return lines.joined(separator: "\n")
  }

  private static func table(_ outcome: NetworkOutcome) -> [String] {
    func number(_ value: Double) -> String { Quantity(value, .one).formatted(digits: 4) }
    return outcome.networks.map { network in
      "  \(network.label.shownOnOneLine)  test \(number(network.testCrossEntropy)) nat, least"
        + " \(number(network.leastCrossEntropy)), training \(number(network.trainCrossEntropy)),"
        + " \(network.characters) characters, \(network.pulses) pulses"
    } + ["  byte frequencies  test \(number(outcome.unigramCrossEntropy)) nat"]
  }

  private static func table(_ training: TrainingOutcome, _ targets: [Double]) -> [String] {
    func number(_ value: Double) -> String { Quantity(value, .one).formatted(digits: 3) }
    return targets.indices.map { index in
      var parts = ["target \(number(targets[index]))"]
      if let mean = training.cMean?[index] { parts.append("C \(number(mean))") }
      if let mean = training.aMean?[index] { parts.append("A \(number(mean))") }
      if let ratio = training.radiusRatio?[index] ?? nil {
        parts.append("radius ratio \(number(ratio))")
      }
      if let turns = training.turnsTotal?[index] { parts.append("\(number(turns)) turns") }
      if let point = training.predicted?[index] { parts.append("predicted \(number(point))") }
      return "  parameter \(index + 1)  " + parts.joined(separator: ", ")
    }
  }
}

extension Failure {
  /// The `error` of a document: the first fault, and all of them where there are several.
  var document: JSONValue {
    var error = diagnostics.first?.document ?? .object(["message": .string("")])
    error["code"] = .integer(Int(code.rawValue))
    if diagnostics.count > 1 { error["faults"] = .array(diagnostics.map(\.document)) }
    return error
  }
}

extension Diagnostic {
  fileprivate var document: JSONValue {
    var document = JSONValue.object(["message": .string(message)])
    if let location {
      document["file"] = .string(location.file)
      document["line"] = .integer(location.line)
      document["column"] = .integer(location.column)
    }
    return document
  }
}

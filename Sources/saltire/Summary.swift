import Foundation
import SaltireCore
import SaltireExperiments
import SaltireRecords
import SaltireFigures

/// The result of a run, as text and as the `--json` document.
struct Summary {
  let manifest: Manifest
  let path: String
  let ending: Ending
  /// When the bench was last commissioned; nil if that is of no matter.
  var commissioned: String?

  /// The document; `failure` becomes its `error` key.
  func document(failure: Failure?) -> JSONValue {
    var document = JSONValue.object([
      "experiment": .string(manifest.experiment),
      "session": .string(path),
      // A number that does not fit into an Int is written as a string.
      "seed": Int(exactly: manifest.seed).map { .integer($0) } ?? .string("\(manifest.seed)"),
      "duration_s": .number(ending.duration),
      "wall_s": .number(ending.wall),
      "pulses": .integer(ending.pulses),
      "safe": .bool(ending.safe),
    ])
    document["commissioned"] = commissioned.map(JSONValue.string)
    if let outcome = ending.outcome.flatMap(JSONValue.init(text:)) {
      document["outcome"] = Self.adding(ending.truth, to: outcome)
    }
    if let curve = manifest.conditions["curve"] { document["read_as"] = .string(curve) }
    if let failure { document["error"] = failure.document }
    return document
  }

  /// The outcome together with the true values of modelled devices.
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

  /// A few text lines with the results and the next steps.
  var text: String {
    let telling = Catalogue.standard.telling(of: ending.outcome, from: manifest.experiment)
    // Earlier versions recorded verdicts as text.
    let isVerdict = ending.exitCode == Int(Failure.Code.verdict.rawValue)
    let end = (isVerdict ? telling.verdict : nil) ?? ending.message ?? telling.verdict ?? "done"
    var lines = ["\(manifest.experiment): \(end)".shownOnOneLine]
    lines += telling.summary.map { "  \($0)".shownOnOneLine }
    guard !manifest.bench.text.isEmpty else {
      lines.append("session  \(path)")
      lines.append("next     saltire report \(path.quotedForShell)")
      return lines.joined(separator: "\n")
    }
    lines.append(
      "  \(labTime(ending.duration)) of lab time, \(ending.pulses) pulses;"
        + " outputs \(ending.safe ? "confirmed safe" : "NOT confirmed safe")")
    if let commissioned { lines.append("  \(commissioned.shownOnOneLine)") }
    lines.append("session  \(path)")
    lines.append("next     saltire report \(path.quotedForShell)")
    // Resuming would hit the same limit again.
    if ending.outcome == nil, ending.isDoubtful != true,
      ending.exitCode != Int(Failure.Code.limit.rawValue)
    {
      lines.append("or       saltire resume \(path.quotedForShell)")
    }
    return lines.joined(separator: "\n")
  }
}

extension Failure {
  /// The `error` key of a document: the first fault, and all faults if there are several.
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

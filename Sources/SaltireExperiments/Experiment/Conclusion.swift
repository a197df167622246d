import SaltireRecords

/// The result of an experiment that finished.
public struct Conclusion: Sendable, Equatable {
  public let outcome: any ExperimentOutcome

  /// The outcome as JSON text, as stored in a session.
  public var json: String { JSONText.encode(outcome) }

  /// Why the acceptance criteria failed; nil if they did not.
  public var verdict: String? { outcome.verdict?.text }

  /// Whether both are bit-identical.
  public static func == (one: Conclusion, other: Conclusion) -> Bool { one.json == other.json }

  /// The JSON path at which this outcome differs from the recorded one; nil if they are
  /// bit-identical.
  ///
  /// If an earlier version recorded a verdict as text, only its presence is compared.
  public func difference(from recorded: String) -> String? {
    if recorded == json { return nil }
    guard let recorded = JSONValue(text: recorded), let own = JSONValue(text: json) else {
      return ""
    }
    return Self.difference(own, recorded)
  }

  private static func difference(_ own: JSONValue, _ recorded: JSONValue) -> String? {
    guard case .object(var own) = own, case .object(var recorded) = recorded else {
      return own == recorded ? nil : ""
    }
    if recorded["verdict"]?["in_words"] != nil, own["verdict"] != nil {
      (own["verdict"], recorded["verdict"]) = (nil, nil)
      // The verdict of a watch that ended a training was also recorded as text.
      if case .object(var watch)? = own["watch"] {
        watch["stop"] = nil
        own["watch"] = .object(watch)
      }
    }
    for key in Set(own.keys).union(recorded.keys).sorted() {
      guard let one = own[key], let other = recorded[key] else { return key }
      if let rest = difference(one, other) { return rest.isEmpty ? key : "\(key).\(rest)" }
    }
    return nil
  }
}

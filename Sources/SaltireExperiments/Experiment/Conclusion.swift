import SaltireRecords

/// How an experiment ended that reached its end.
public struct Conclusion: Sendable, Equatable {
  public let outcome: any ExperimentOutcome

  /// The outcome as JSON text, as a session holds it.
  public var json: String { JSONText.encode(outcome) }

  /// Why the result does not serve its purpose; nil when it does.
  public var verdict: String? { outcome.verdict?.text }

  /// Whether both are the same in every bit.
  public static func == (one: Conclusion, other: Conclusion) -> Bool { one.json == other.json }

  /// Where this outcome differs from what a session holds, as a path of its JSON; nil where
  /// they are the same in every bit.
  ///
  /// Of a verdict that an earlier version recorded in words only that there is one is
  /// compared.
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
      // What a watch found when it ended a training was in those words too.
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

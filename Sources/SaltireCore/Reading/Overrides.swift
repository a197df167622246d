/// Values that replace those of a document, by the path of their keys:
/// `--set devices.seed=5`.
public struct Overrides: Sendable, Equatable {
  /// Text by path, as given.
  public private(set) var values: [String: String] = [:]

  public init() {}

  /// Reads `key=value` settings; a later one replaces an earlier one.
  ///
  /// - Throws: ``Diagnostics`` naming every setting without a key or `=`.
  public init(settings: [String]) throws(Diagnostics) {
    var faults: [Diagnostic] = []
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        faults.append(
          Diagnostic(
            "'--set \(setting)' is not key=value", hints: ["example: --set devices.seed=5"]))
        continue
      }
      values[String(parts[0])] = String(parts[1])
    }
    if !faults.isEmpty { throw Diagnostics(faults) }
  }

  /// Those whose first key is among `keys`, and the others.
  public func split(by keys: [any DeclaredKey]) -> (matching: Overrides, others: Overrides) {
    let keys = Set(keys.map(\.name))
    var matching = Overrides()
    var others = Overrides()
    for (path, value) in values {
      let first = path.split(separator: ".").first.map(String.init) ?? path
      if keys.contains(first) {
        matching.values[path] = value
      } else {
        others.values[path] = value
      }
    }
    return (matching, others)
  }
}

import SaltireAnalysis

/// Why a result does not serve its purpose. A session holds it as a code with its
/// numbers; the sentence is made where it is printed.
public protocol Verdict: Codable, Sendable, Equatable {
  /// In words.
  var text: String { get }
}

import SaltireAnalysis

/// Why the acceptance criteria of an experiment failed. A session stores a code with numbers; the
/// sentence is made when it is printed.
public protocol Verdict: Codable, Sendable, Equatable {
  /// The verdict as a sentence.
  var text: String { get }
}

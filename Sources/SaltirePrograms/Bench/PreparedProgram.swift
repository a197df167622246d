import Synchronization

/// A program that a bench has agreed to perform, once.
///
/// A bench around another one has no other way to that one's work than what its
/// ``Bench/prepare(_:)`` returned: none can forget to ask.
public struct PreparedProgram: Sendable {
  private final class Use: Sendable {
    let hasBegun = Atomic(false)
  }

  private let use = Use()
  private let body: @Sendable () async throws(BenchError) -> Observations

  /// - Parameter body: performs the program. It throws where the bench is not as it
  ///   was when the program was prepared.
  public init(_ body: @escaping @Sendable () async throws(BenchError) -> Observations) {
    self.body = body
  }

  /// Performs the program to its end and returns what was measured.
  ///
  /// - Throws: ``BenchError``; ``BenchError/busy`` where it was performed before.
  public func perform() async throws(BenchError) -> Observations {
    guard !use.hasBegun.exchange(true, ordering: .relaxed) else { throw .busy }
    return try await body()
  }
}

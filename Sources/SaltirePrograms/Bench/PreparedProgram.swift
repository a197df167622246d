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
  private let performance: any Performance

  public init(_ performance: any Performance) { self.performance = performance }

  /// Performs the program to its end and returns what was measured.
  ///
  /// - Throws: ``BenchError``; ``BenchError/busy`` where it was performed before.
  public func perform() async throws(BenchError) -> Observations {
    guard !use.hasBegun.exchange(true, ordering: .relaxed) else { throw .busy }
    return try await performance.perform()
  }
}

/// What a bench does with one program.
///
/// A protocol rather than a closure: a stored closure changes the executor at every call.
public protocol Performance: Sendable {
  /// Performs the program.
  ///
  /// - Throws: ``BenchError``, also where the bench is not as it was when the program
  ///   was prepared.
  func perform() async throws(BenchError) -> Observations
}

import Synchronization

/// A program that a bench has accepted, to be performed once.
///
/// A bench that wraps another one can reach it only through the result of its
/// ``Bench/prepare(_:)``, so it cannot skip the checks.
public struct PreparedProgram: Sendable {
  private final class Use: Sendable {
    let hasBegun = Atomic(false)
  }

  private let use = Use()
  private let performance: any Performance

  public init(_ performance: any Performance) { self.performance = performance }

  /// Performs the program to its end and returns what was measured.
  ///
  /// - Throws: ``BenchError``; ``BenchError/busy`` if it was performed before.
  public func perform() async throws(BenchError) -> Observations {
    guard !use.hasBegun.exchange(true, ordering: .relaxed) else { throw .busy }
    return try await performance.perform()
  }
}

/// How a bench performs one program.
///
/// A protocol rather than a closure: a stored closure changes the executor at every call.
public protocol Performance: Sendable {
  /// Performs the program.
  ///
  /// - Throws: ``BenchError``, also if the settings of the bench have changed since the program was
  ///   prepared.
  func perform() async throws(BenchError) -> Observations
}

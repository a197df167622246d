package import SaltirePrograms

extension PreparedProgram {
  /// What a test's bench does with a program.
  package init(_ body: @escaping @Sendable () async throws(BenchError) -> Observations) {
    self.init(ClosurePerformance(body: body))
  }
}

private struct ClosurePerformance: Performance {
  let body: @Sendable () async throws(BenchError) -> Observations

  func perform() async throws(BenchError) -> Observations { try await body() }
}

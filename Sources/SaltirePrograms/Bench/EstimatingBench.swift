import Synchronization

/// A bench that sums the extents of programs.
///
/// A dry run wraps it around a bench of models: the next program depends on measured values, so
/// models must supply them, and no real device is touched.
public final class EstimatingBench: Bench {
  private let inner: any Bench
  private let total = Mutex((extent: Extent(), programs: 0))

  public init(_ inner: any Bench) { self.inner = inner }

  /// The total extent of the accepted programs.
  public var extent: Extent { total.withLock { $0.extent } }
  /// The number of accepted programs.
  public var programs: Int { total.withLock { $0.programs } }

  public var wiring: Wiring { inner.wiring }

  public func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    PreparedProgram(
      Estimated(bench: self, program: program, inner: try await inner.prepare(program)))
  }

  private struct Estimated: Performance {
    let bench: EstimatingBench
    let program: Program
    let inner: PreparedProgram

    func perform() async throws(BenchError) -> Observations {
      do throws(BenchError) {
        let observations = try await inner.perform()
        bench.count(program)
        return observations
      } catch {
        if !error.isRefusal { bench.count(program) }
        throw error
      }
    }
  }

  private func count(_ program: Program) {
    let extent = program.extent
    total.withLock {
      $0.extent.add(extent)
      $0.programs += 1
    }
  }

  public func idle() async throws(BenchError) { try await inner.idle() }

  public func verify() async throws(BenchError) { try await inner.verify() }

  public func makeSafe() async -> SafeReport { await inner.makeSafe() }
}

extension BenchError {
  /// Whether no part of the program was performed; if that is unknown, it counts as performed.
  fileprivate var isRefusal: Bool {
    switch self {
    case .limit(let violation): !violation.kind.isMeasured
    case .unknownTerminal, .busy, .divergence, .recordEnded, .notResumable, .impossible: true
    case .failed(let failure): failure.isRefusal
    case .cancelled: false
    }
  }
}

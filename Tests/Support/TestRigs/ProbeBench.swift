import Foundation
package import SaltirePrograms
package import SaltireRecords
import Synchronization

/// A bench that records requests, and lets a test observe the inside of `perform`.
package final class ProbeBench: Bench {
  private let inner: any Bench
  private let before: @Sendable (Int, Program) -> Void
  private let state = Mutex((programs: [Program](), safeties: 0))
  /// So often it is not confirmed that it is safe.
  private let unconfirmed: Int

  /// - Parameter before: hears the number of every program and the program
  ///   before it is performed.
  package init(
    _ inner: any Bench, unconfirmed: Int = 0,
    before: @escaping @Sendable (Int, Program) -> Void = { _, _ in }
  ) {
    self.inner = inner
    self.unconfirmed = unconfirmed
    self.before = before
  }

  /// Everything that was performed, in order.
  package var programs: [Program] { state.withLock { $0.programs } }
  /// How often it was made safe.
  package var safeties: Int { state.withLock { $0.safeties } }
  package var wiring: Wiring { inner.wiring }

  package func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    let prepared = try await inner.prepare(program)
    return PreparedProgram { [self] () async throws(BenchError) in
      let n = state.withLock { state in
        state.programs.append(program)
        return state.programs.count - 1
      }
      before(n, program)
      return try await prepared.perform()
    }
  }

  package func makeSafe() async -> SafeReport {
    let times = state.withLock { state in
      state.safeties += 1
      return state.safeties
    }
    if times <= unconfirmed {
      return SafeReport(terminals: [("GA1", .notConfirmed("the network is away"))])
    }
    return await inner.makeSafe()
  }
}

/// A bench whose programs end when the test says so.
package final class HeldBench: Bench {
  package let wiring: Wiring
  /// Yields when a program has begun.
  package let begun: AsyncStream<Void>
  private let announce: AsyncStream<Void>.Continuation
  private let held = Mutex<CheckedContinuation<Void, Never>?>(nil)

  package init(wiring: Wiring) {
    self.wiring = wiring
    (begun, announce) = AsyncStream.makeStream()
  }

  package func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    PreparedProgram { [self] in
      await withCheckedContinuation { continuation in
        held.withLock { $0 = continuation }
        announce.yield()
      }
      return Observations(
        start: 0, duration: 0, currents: [Double](repeating: 0, count: program.readings))
    }
  }

  package func makeSafe() async -> SafeReport { SafeReport(terminals: []) }

  package func release() {
    held.withLock { held in
      held?.resume()
      held = nil
    }
  }
}

extension Manifest {
  /// An empty manifest.
  package static let empty = Manifest(
    program: "test", created: Date(timeIntervalSince1970: 0), experiment: "none",
    protocol: .init(name: "p.yaml", text: "experiment: none\n"),
    bench: .init(name: "b.yaml", text: "bench: model\n"), attachments: [], settings: [:], seed: 1,
    limits: [:], conditions: [:])
}

extension Step {
  /// A read of device A1 or of one like it.
  package static func look(_ drain: Terminal = "DA1", _ row: Terminal = "RA", level: Double = 0.1)
    -> Step
  {
    .read(Reading(drives: [.init(drain, level: level)], measures: [row], integration: 0.02))
  }
}

/// The error that `body` throws; nil where it throws none.
package func failure<Failure: Error>(
  _ body: () async throws(Failure) -> some Any
) async -> Failure? {
  do throws(Failure) {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}

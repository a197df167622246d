import SaltireBenches
import SaltireRecords
import SaltireTesting
import Synchronization
import TestRigs
import Testing

@testable import SaltirePrograms

/// For every bench that wraps another one: a refused program has no effect, and an accepted one is
/// performed once.
@Suite struct PreparationTests {
  /// A bench that refuses on request.
  private final class RefusingBench: Bench {
    let wiring: Wiring
    private let state = Mutex((refuses: true, prepared: 0, performed: 0))

    init(wiring: Wiring) { self.wiring = wiring }

    var refuses: Bool {
      get { state.withLock { $0.refuses } }
      set { state.withLock { $0.refuses = newValue } }
    }
    var prepared: Int { state.withLock { $0.prepared } }
    var performed: Int { state.withLock { $0.performed } }

    func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
      let refuses = state.withLock { state in
        state.prepared += 1
        return state.refuses
      }
      if refuses { throw .impossible("not now") }
      return PreparedProgram { [self] in
        state.withLock { $0.performed += 1 }
        return Observations(
          start: 0, duration: 0, currents: [Double](repeating: 1e-7, count: program.readings))
      }
    }

    func makeSafe() async -> SafeReport { SafeReport(terminals: []) }
  }

  enum Decorator: CaseIterable { case limited, journaled, estimating, all }

  private let folder: TemporaryFolder
  private let inner: RefusingBench
  private let session: Session
  private let limits: Limits
  private static let program = Program([
    .repeat(10, [.pulse("GA1", level: 4, width: 0.01)]), .look(),
  ])

  init() throws {
    folder = try TemporaryFolder()
    // As many pulses as the program has: a second one exceeds the limit.
    let file = try Shipped.bench("model", ["limits.session.pulses=10"])
    limits = file.limits
    inner = RefusingBench(wiring: file.wiring)
    session = try Session.create(
      at: folder["run.saltire"], manifest: .empty, durability: .powerLoss)
  }

  private func bench(_ decorator: Decorator) throws -> any Bench {
    switch decorator {
    case .limited: LimitedBench(inner, limits: limits)
    case .journaled: try JournaledBench(inner, session: session)
    case .estimating: EstimatingBench(inner)
    case .all:
      EstimatingBench(LimitedBench(try JournaledBench(inner, session: session), limits: limits))
    }
  }

  @Test(arguments: Decorator.allCases)
  func whatIsRefusedLeavesNothing(decorator: Decorator) async throws {
    let bench = try bench(decorator)
    for _ in 0..<3 {
      let error = await failure { () throws(BenchError) in try await bench.perform(Self.program) }
      guard case .impossible("not now")? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    #expect(inner.prepared == 3 && inner.performed == 0)
    #expect(try session.stepCount() == 0)
    if let estimate = bench as? EstimatingBench {
      #expect(estimate.programs == 0 && estimate.extent.pulses == 0)
    }
    // No part of a sum was used up: the program is still within the limit.
    inner.refuses = false
    _ = try await bench.perform(Self.program)
    #expect(inner.performed == 1)
    try session.close()
  }

  @Test(arguments: Decorator.allCases)
  func aPreparedProgramIsPerformedOnce(decorator: Decorator) async throws {
    inner.refuses = false
    let prepared = try await bench(decorator).prepare(Self.program)
    _ = try await prepared.perform()
    let error = await failure { () throws(BenchError) in try await prepared.perform() }
    guard case .busy? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(inner.performed == 1)
    try session.close()
  }

  /// Two that were prepared beside each other do not both count as within the limit.
  @Test func sumsAreHeldWhenAProgramIsPerformed() async throws {
    inner.refuses = false
    let bench = LimitedBench(inner, limits: limits)
    let (first, second) = try await (bench.prepare(Self.program), bench.prepare(Self.program))
    _ = try await first.perform()
    let error = await failure { () throws(BenchError) in try await second.perform() }
    guard case .limit(let violation)? = error, violation.kind == .pulses else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(inner.performed == 1)
  }

  /// A record has its order: of two that were prepared for one place, one is performed.
  @Test func aRecordTakesOneProgramForAPlace() async throws {
    inner.refuses = false
    let bench = try JournaledBench(inner, session: session)
    let (first, second) = try await (bench.prepare(Self.program), bench.prepare(Self.program))
    _ = try await first.perform()
    let error = await failure { () throws(BenchError) in try await second.perform() }
    guard case .busy? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try session.stepCount() == 1 && inner.performed == 1)
    try session.close()
  }
}

import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltirePrograms
import Synchronization

/// The guardian process of a run. `saltire run` starts it; users do not call it.
struct Guard: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Monitor a run and make its outputs safe if it dies.", shouldDisplay: false)

  func run() async throws {
    try await reporting {
      guard case .tookOver(let cause, let report) = try await Guardian().watch() else { return }
      Console.error(
        "guardian: \(cause.rawValue); the guardian made the outputs safe as far as possible")
      for (terminal, state) in report.terminals {
        if let reason = state.reason {
          Console.error("guardian: \(terminal)  NOT CONFIRMED: \(reason)")
        }
      }
      if report.isSafe { Console.error("guardian: outputs confirmed safe") }
      try Off.expectSafe(report)
    }
  }
}

/// Supervises a run from before any output is on: holds its guardian and notices when another
/// process asks for the outputs to be switched off.
final class Watch: Sendable {
  private let plan: GuardianPlan?
  private let lock: RigLock
  private let stop: Stop
  private let state = Mutex((guarding: GuardedRun?.none, isOver: false))

  /// Seconds between two checks for such a request.
  private static let interval = 0.1

  /// - Parameters:
  ///   - plan: nil if the run needs no guardian.
  ///   - lock: the lock of the rig.
  init(_ plan: GuardianPlan?, _ lock: RigLock, _ stop: Stop) {
    self.plan = plan
    self.lock = lock
    self.stop = stop
  }

  /// - Parameter stepping: the step counter of the run.
  func begin(_ stepping: Stepping) throws(BenchError) {
    listen()
    guard let plan else { return }
    let guarded = try GuardedRun(plan, program: ["/proc/self/exe", "guard"], lock: lock) {
      [stop] loss in
      stop.request(because: "\(loss.rawValue): the run ends because it no longer has a guardian")
    }
    guarded.begin(silence: plan.silence, stepping)
    state.withLock { $0.guarding = guarded }
  }

  /// Ends the supervision: the outputs are safe, or known not to be.
  func end() {
    state.withLock { state in
      state.isOver = true
      return state.guarding
    }?.release()
    lock.release()
  }

  private func listen() {
    let thread = Thread { [self] in
      while !state.withLock({ $0.isOver }) {
        if let asker = lock.request {
          return stop.request(
            because: "'\(asker.purpose)' (process \(asker.process)) requested the end of this run")
        }
        HostTime.block(Self.interval)
      }
    }
    thread.name = "requests"
    thread.start()
  }
}

import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltirePrograms
import Synchronization

/// What a run starts to watch over it; for nobody to call.
struct Guard: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Watch a run and make its outputs safe when it dies.", shouldDisplay: false)

  func run() async throws {
    try await reporting {
      guard case .tookOver(let cause, let report) = try await Guardian().watch() else { return }
      Console.error("guardian: \(cause.rawValue); it made the outputs safe as far as it could")
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

/// What watches over a run from before anything is energised: its guardian, and whoever may
/// ask for the outputs to be switched off.
final class Watch: Sendable {
  private let plan: GuardianPlan?
  private let lock: RigLock
  private let stop: Stop
  private let state = Mutex((guarding: GuardedRun?.none, isOver: false))

  /// Seconds between two looks at whether somebody asked.
  private static let interval = 0.1

  /// - Parameters:
  ///   - plan: nil where no guardian is needed.
  ///   - lock: of the rig.
  init(_ plan: GuardianPlan?, _ lock: RigLock, _ stop: Stop) {
    self.plan = plan
    self.lock = lock
    self.stop = stop
  }

  /// - Parameter stepping: of the run.
  func begin(_ stepping: Stepping) throws(BenchError) {
    listen()
    guard let plan else { return }
    let guarded = try GuardedRun(plan, program: ["/proc/self/exe", "guard"], lock: lock) {
      [stop] loss in
      stop.request(because: "\(loss.rawValue): the run ends here, because nobody watches over it")
    }
    guarded.begin(silence: plan.silence, stepping)
    state.withLock { $0.guarding = guarded }
  }

  /// The outputs are safe, or are known not to be.
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
            because: "'\(asker.purpose)' (process \(asker.process)) ended this run")
        }
        HostTime.block(Self.interval)
      }
    }
    thread.name = "requests"
    thread.start()
  }
}

internal import ArgumentParser
internal import Foundation
internal import SaltireLab
internal import Synchronization

/// What a run starts to watch over it; for nobody to call.
struct Guard: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Watch a run and make its outputs safe when it dies.", shouldDisplay: false)

  func run() async throws {
    try await reporting {
      let outcome = try await Guardian().watch { cause in
        Console.error("guardian: \(cause.rawValue); making the outputs safe")
      }
      guard case .tookOver(_, let report) = outcome else { return }
      for case (let terminal, .notConfirmed(let reason)) in report.terminals {
        Console.error("guardian: \(terminal)  NOT CONFIRMED: \(reason)")
      }
      if report.isSafe { Console.error("guardian: outputs confirmed safe") }
      try Off.expectSafe(report)
    }
  }
}

/// The guardian of a run, from before anything is energised.
final class Watch: Sendable {
  private let plan: GuardianPlan?
  private let stop: Stop
  private let guarding = Mutex<GuardedRun?>(nil)

  /// - Parameter plan: nil where nothing needs to be watched.
  init(_ plan: GuardianPlan?, _ stop: Stop) {
    self.plan = plan
    self.stop = stop
  }

  func begin() throws(BenchError) {
    guard let plan else { return }
    let guarded = try GuardedRun(plan, program: ["/proc/self/exe", "guard"]) { [stop] in
      Console.error("the guardian is gone; the run ends here")
      stop.request()
    }
    guarded.begin(silence: plan.silence)
    guarding.withLock { $0 = guarded }
  }

  /// The outputs are safe, or are known not to be.
  func end() { guarding.withLock { $0?.release() } }
}

public import SaltireCore
import Synchronization

/// The announced waits of a run, which tell whether it hangs.
///
/// Every wait is announced with its maximum duration: an hour's sweep is on time, a call that does
/// not return is overdue. A run hangs if a wait is overdue, not if it is silent for long.
public final class Stepping: Sendable {
  /// A wait in progress.
  public struct Wait: Sendable, Hashable {
    fileprivate let number: Int
  }

  private struct State {
    var due: [Int: Double] = [:]
    var next = 0
    var lastEnd: Double
  }

  private let state: Mutex<State>
  private let now: @Sendable () -> Double

  /// Seconds by which a wait may be late, because of processor load.
  public static let allowance = 2.0
  /// Seconds between two waits, for analysis.
  public static let thinking = 10.0

  /// - Parameter now: a monotonic clock, in seconds.
  public init(now: @escaping @Sendable () -> Double = { HostTime.monotonic }) {
    self.now = now
    state = Mutex(State(lastEnd: now()))
  }

  /// Announces a wait that ends within `seconds`.
  public func begin(within seconds: Double) -> Wait {
    state.withLock { state in
      defer { state.next += 1 }
      state.due[state.next] = now() + max(seconds, 0) + Self.allowance
      return Wait(number: state.next)
    }
  }

  public func end(_ wait: Wait) {
    state.withLock { state in
      state.due[wait.number] = nil
      state.lastEnd = now()
    }
  }

  /// Whether a wait, or the time between two waits, has exceeded its maximum.
  public var isOverdue: Bool {
    state.withLock { state in
      let now = now()
      if state.due.isEmpty { return now > state.lastEnd + Self.thinking }
      return state.due.values.contains { now > $0 }
    }
  }
}

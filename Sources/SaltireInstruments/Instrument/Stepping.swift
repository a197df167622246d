public import SaltireCore
import Synchronization

/// By when whoever steps through a run will be heard of again.
///
/// Every wait is announced with the time that it may take: an hour's sweep is on time,
/// a call that does not come back is overdue. Whether a run hangs is decided by
/// this, not by how long it is silent.
public final class Stepping: Sendable {
  /// A wait that was begun and has not ended.
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

  /// Seconds by which a wait may be late before it is overdue: processors are busy.
  public static let allowance = 2.0
  /// Seconds between two waits, in which what was measured is analysed.
  public static let thinking = 10.0

  /// - Parameter now: a clock that never steps back, seconds.
  public init(now: @escaping @Sendable () -> Double = { HostTime.monotonic }) {
    self.now = now
    state = Mutex(State(lastEnd: now()))
  }

  /// A wait begins that ends within `seconds`.
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

  /// Whether a wait, or the time between two, has become longer than it may.
  public var isOverdue: Bool {
    state.withLock { state in
      let now = now()
      if state.due.isEmpty { return now > state.lastEnd + Self.thinking }
      return state.due.values.contains { now > $0 }
    }
  }
}

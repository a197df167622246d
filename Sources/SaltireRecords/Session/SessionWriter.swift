import Dispatch
import SaltireCore
import Synchronization

/// How long a run waits for its record to be on the disk, seconds.
public struct DiskPatience: Sendable, Equatable {
  /// Then the outputs go to idle, while the wait goes on.
  public var idle: Double
  /// Then the run ends.
  public var end: Double

  public init(idle: Double = 2, end: Double = 10) {
    self.idle = idle
    self.end = end
  }
}

/// Writes what a session is given, in order, on a thread of its own: whoever may
/// have to make outputs safe waits for a disk no longer than it wants to.
final class SessionWriter: Sendable {
  typealias Job = @Sendable () throws(SessionError) -> Void

  private struct State {
    var given = 0
    var done = 0
    /// What went wrong first since it was last asked for.
    var failure: SessionError?
    var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
    /// Waits that ended before they began.
    var expired: Set<Int> = []
    var lastWaiter = 0
  }

  private let state = Mutex(State())
  private let desk = DispatchQueue(label: "session")
  private let path: String
  /// Writes that may wait for the disk.
  private let room: Int

  init(path: String, room: Int = 10_000) {
    self.path = path
    self.room = room
  }

  /// Whether all that was given is written, or has failed.
  var isIdle: Bool { state.withLock { $0.given == $0.done } }

  /// Has `job` done behind all others. Nothing is ever dropped.
  ///
  /// - Throws: ``SessionError`` where too many wait.
  func add(_ job: @escaping Job) throws(SessionError) {
    let hasRoom = state.withLock { state in
      guard state.given - state.done < room else { return false }
      state.given += 1
      return true
    }
    guard hasRoom else {
      throw .storage(path: path, reason: "\(room) writes wait for its disk")
    }
    desk.async { [self] in
      var failure: SessionError?
      do throws(SessionError) { try job() } catch { failure = error }
      let waiters = state.withLock { state in
        state.done += 1
        state.failure = state.failure ?? failure
        guard state.done == state.given else { return [Int: CheckedContinuation<Bool, Never>]() }
        defer { state.waiters = [:] }
        return state.waiters
      }
      for waiter in waiters.values { waiter.resume(returning: true) }
    }
  }

  /// Waits until all is written, for so many seconds or until the task is
  /// cancelled.
  ///
  /// - Returns: whether it is.
  func wait(_ seconds: Double) async -> Bool {
    if isIdle { return true }
    let waiter = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    let timer = Task {
      await HostTime.pause(seconds)
      expire(waiter)
    }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWritten: Bool? = state.withLock { state in
          if state.expired.remove(waiter) != nil { return state.given == state.done }
          if state.given == state.done { return true }
          state.waiters[waiter] = continuation
          return nil
        }
        if let isWritten { continuation.resume(returning: isWritten) }
      }
    } onCancel: {
      expire(waiter)
    }
  }

  private func expire(_ waiter: Int) {
    let continuation = state.withLock { state in
      guard let continuation = state.waiters.removeValue(forKey: waiter) else {
        if state.given != state.done { state.expired.insert(waiter) }
        return CheckedContinuation<Bool, Never>?.none
      }
      return continuation
    }
    continuation?.resume(returning: false)
  }

  /// As ``wait(_:)``, and blocks the thread.
  func block(_ seconds: Double) -> Bool {
    let last = HostTime.monotonic + seconds
    while !isIdle {
      guard HostTime.monotonic < last else { return false }
      HostTime.block(0.001)
    }
    return true
  }

  /// - Throws: the first failure since it was last asked for.
  func takeFailure() throws(SessionError) {
    let failure = state.withLock { state in
      defer { state.failure = nil }
      return state.failure
    }
    if let failure { throw failure }
  }
}

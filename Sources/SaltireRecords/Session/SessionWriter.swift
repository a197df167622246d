import Dispatch
import SaltireCore
import Synchronization

/// How long a run waits for its record to reach the disk, in seconds.
public struct DiskPatience: Sendable, Equatable {
  /// After this time the outputs go to idle, and the wait continues.
  public var idle: Double
  /// After this time the run ends.
  public var end: Double

  public init(idle: Double = 2, end: Double = 10) {
    self.idle = idle
    self.end = end
  }
}

/// Writes the data of a session in order, on its own thread, so that the safe sequence never has to
/// wait for a disk.
final class SessionWriter: Sendable {
  typealias Job = @Sendable () throws(SessionError) -> Void

  private struct State {
    var given = 0
    var done = 0
    /// The first error since the last query.
    var failure: SessionError?
    var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
    /// Waits that timed out before they began.
    var expired: Set<Int> = []
    var lastWaiter = 0
  }

  private let state = Mutex(State())
  private let desk = DispatchQueue(label: "session")
  /// The jobs that are not done.
  private let pending = DispatchGroup()
  private let path: String
  /// Maximum number of pending writes.
  private let room: Int

  init(path: String, room: Int = 10_000) {
    self.path = path
    self.room = room
  }

  /// Whether all data is written, or has failed.
  var isIdle: Bool { state.withLock { $0.given == $0.done } }

  /// Adds a job at the end. No job is ever dropped.
  ///
  /// - Throws: ``SessionError`` if too many jobs are pending.
  func add(_ job: @escaping Job) throws(SessionError) {
    let hasRoom = state.withLock { state in
      guard state.given - state.done < room else { return false }
      state.given += 1
      return true
    }
    guard hasRoom else {
      throw .storage(path: path, reason: "\(room) writes are waiting for its disk")
    }
    desk.async(group: pending) { [self] in
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

  /// Waits until all data is written, for at most this many seconds or until the task is cancelled.
  ///
  /// - Returns: whether it is written.
  func wait(_ seconds: Double) async -> Bool {
    // A disk in order takes a fraction of a millisecond: less than a timer and a change of threads.
    if isIdle || block(min(seconds, Self.usual)) { return true }
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

  /// As ``wait(_:)``, but blocks the thread.
  func block(_ seconds: Double) -> Bool {
    pending.wait(timeout: .now() + seconds) == .success
  }

  /// The longest usual time of a write, in seconds.
  private static let usual = 0.005

  /// - Throws: the first error since the last query.
  func takeFailure() throws(SessionError) {
    let failure = state.withLock { state in
      defer { state.failure = nil }
      return state.failure
    }
    if let failure { throw failure }
  }
}

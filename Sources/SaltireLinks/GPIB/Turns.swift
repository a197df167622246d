import Foundation
import Synchronization

/// Exclusive access to a resource, in the order of the requests.
///
/// A plain lock cannot interrupt waiting threads, and lets a thread that locks repeatedly starve
/// others.
final class Turns: Sendable {
  private struct State {
    var isTaken = false
    var waiting: [LinkInterrupt] = []
  }

  private let state = Mutex(State())

  /// Waits for the caller's turn.
  ///
  /// - Parameters:
  ///   - bell: the caller's own interrupt, fired when its turn comes.
  ///   - interrupt: ends the wait; nil for none.
  ///   - deadline: the deadline of the wait.
  /// - Throws: ``LinkError/interrupted``, ``LinkError/timeout(received:)``; then there is no turn
  ///   to end.
  func begin(
    bell: LinkInterrupt, interrupt: LinkInterrupt?, deadline: Deadline
  ) throws(LinkError) {
    let isMine = state.withLock { state in
      defer { state.isTaken = true }
      if state.isTaken { state.waiting.append(bell) }
      return !state.isTaken
    }
    if isMine { return }
    let failure = wait(for: bell, interrupt, deadline)
    guard let failure else { return bell.acknowledge() }
    let hasLeft = state.withLock { state in
      let index = state.waiting.firstIndex { $0 === bell }
      if let index { state.waiting.remove(at: index) }
      return index != nil
    }
    if !hasLeft {
      // The turn came meanwhile.
      bell.acknowledge()
      end()
    }
    throw failure
  }

  /// Passes the turn to the thread that has waited longest.
  func end() {
    state.withLock { state in
      if state.waiting.isEmpty { state.isTaken = false } else { state.waiting.removeFirst().fire() }
    }
  }

  /// Nil when the bell was fired.
  private func wait(
    for bell: LinkInterrupt, _ interrupt: LinkInterrupt?, _ deadline: Deadline
  ) -> LinkError? {
    while true {
      // poll ignores negative descriptors.
      var polled = [bell.descriptor, interrupt?.descriptor ?? -1].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      let remaining = deadline.remaining
      let count = poll(&polled, 2, Int32(min((remaining * 1000).rounded(.up), 1e9)))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return .io(call: "poll", errno: errno) }
      if polled[1].revents != 0 { return .interrupted }
      if polled[0].revents != 0 { return nil }
      if remaining <= 0 { return .timeout(received: 0) }
    }
  }
}

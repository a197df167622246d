import Foundation
import Synchronization

/// Ends a blocked call of a link from any thread, without waiting for the blocked thread: this
/// makes a bench safe while a query hangs.
///
/// After it was fired, calls throw ``LinkError/interrupted`` until ``acknowledge()``, so that the
/// safe sequence has exclusive use of the link.
public final class LinkInterrupt: Sendable {
  /// Readable while fired; for poll.
  let descriptor: Int32
  private let writer: Int32
  /// The same state, readable without a system call.
  private let fired = Mutex(false)

  /// - Throws: ``LinkError/io(call:errno:)`` if no descriptors are left.
  init() throws(LinkError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .io(call: "pipe", errno: errno) }
    (descriptor, writer) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    Foundation.close(descriptor)
    Foundation.close(writer)
  }

  /// Whether it was fired and not acknowledged.
  var isFired: Bool { fired.withLock { $0 } }

  /// Makes the blocked call and all later ones throw.
  public func fire() {
    fired.withLock { fired in
      guard !fired else { return }
      fired = true
      var byte: UInt8 = 1
      _ = write(writer, &byte, 1)
    }
  }

  /// Whether it is fired now, or becomes fired within `seconds`.
  func isFired(within seconds: Double) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Foundation.poll(&poll, 1, Int32((seconds * 1000).rounded(.up))) > 0
  }

  /// Allows calls again.
  public func acknowledge() {
    fired.withLock { fired in
      guard fired else { return }
      fired = false
      var byte: UInt8 = 0
      _ = read(descriptor, &byte, 1)
    }
  }
}

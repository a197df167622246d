import Foundation
import Synchronization

/// Ends a blocked call of a link from any thread, without waiting for the
/// thread that is blocked: how a bench is made safe while a query hangs.
///
/// Once fired, calls throw ``LinkError/interrupted`` until ``acknowledge()``,
/// so that whoever makes safe has the link to himself.
public final class LinkInterrupt: Sendable {
  /// Readable while fired; for poll.
  let descriptor: Int32
  private let writer: Int32
  /// The same without a system call, and in step with it.
  private let fired = Mutex(false)

  /// - Throws: ``LinkError/io(call:errno:)`` when there are no descriptors left.
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

  /// Makes the blocked call throw, and every later one.
  public func fire() {
    fired.withLock { fired in
      guard !fired else { return }
      fired = true
      var byte: UInt8 = 1
      _ = write(writer, &byte, 1)
    }
  }

  /// Whether it is fired, or is within `seconds`.
  func isFired(within seconds: Double) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Foundation.poll(&poll, 1, Int32((seconds * 1000).rounded(.up))) > 0
  }

  /// Lets calls through again.
  public func acknowledge() {
    fired.withLock { fired in
      guard fired else { return }
      fired = false
      var byte: UInt8 = 0
      _ = read(descriptor, &byte, 1)
    }
  }
}

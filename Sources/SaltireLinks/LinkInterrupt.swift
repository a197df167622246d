internal import Foundation

/// Ends a blocked call of a link from any thread, without waiting for the
/// thread that is blocked: how a bench is made safe while a query hangs.
///
/// Once fired, calls throw ``LinkError/interrupted`` until ``acknowledge()``,
/// so that whoever makes safe has the link to himself.
public final class LinkInterrupt: Sendable {
  /// Readable while fired; for poll.
  let descriptor: Int32
  private let writer: Int32

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

  /// Makes the blocked call throw, and every later one.
  public func fire() {
    var byte: UInt8 = 1
    // A full pipe is fired already.
    _ = write(writer, &byte, 1)
  }

  /// Lets calls through again.
  public func acknowledge() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(descriptor, &bytes, bytes.count) > 0 {}
  }
}

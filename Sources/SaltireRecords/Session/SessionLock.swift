import Foundation
import Synchronization

/// Keeps a second process from writing to a session; ends with the process,
/// however that ends.
///
/// It is flock(2), which does not meet SQLite's own locks, so that others can
/// read meanwhile.
final class SessionLock: Sendable {
  private let descriptor: Mutex<Int32>

  /// - Throws: ``SessionError/inUse(path:)`` where another process holds it;
  ///   ``SessionError/storage(path:reason:)``.
  init(_ url: URL) throws(SessionError) {
    let descriptor = open(url.path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .storage(path: url.path, reason: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      let reason = String(cString: strerror(errno))
      Foundation.close(descriptor)
      throw isHeld ? .inUse(path: url.path) : .storage(path: url.path, reason: reason)
    }
    self.descriptor = Mutex(descriptor)
  }

  /// Bytes of the file that was locked, wherever its name points by now. Opened
  /// and closed again it would lose SQLite's locks (fcntl_locking(2)).
  func bytes(at place: Int, count: Int) -> [UInt8] {
    descriptor.withLock { descriptor in
      var bytes = [UInt8](repeating: 0, count: count)
      let length = pread(descriptor, &bytes, count, off_t(place))
      return Array(bytes.prefix(max(length, 0)))
    }
  }

  /// Lets others write.
  func release() {
    descriptor.withLock { descriptor in
      if descriptor >= 0 { Foundation.close(descriptor) }
      descriptor = -1
    }
  }

  deinit { release() }
}

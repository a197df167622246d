import Foundation
import Synchronization

/// Prevents two processes from writing to a session; released when the process ends in any way.
///
/// It uses flock(2), which does not interact with SQLite's own locks, so others can read meanwhile.
final class SessionLock: Sendable {
  private let descriptor: Mutex<Int32>

  /// - Throws: ``SessionError/inUse(path:)`` if another process holds it;
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

  /// Bytes of the locked file, whatever its name refers to by now. Opening and closing the file
  /// again would release SQLite's locks (fcntl_locking(2)).
  func bytes(at place: Int, count: Int) -> [UInt8] {
    descriptor.withLock { descriptor in
      var bytes = [UInt8](repeating: 0, count: count)
      let length = pread(descriptor, &bytes, count, off_t(place))
      return Array(bytes.prefix(max(length, 0)))
    }
  }

  /// Releases the lock.
  func release() {
    descriptor.withLock { descriptor in
      if descriptor >= 0 { Foundation.close(descriptor) }
      descriptor = -1
    }
  }

  deinit { release() }
}

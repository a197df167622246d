internal import Foundation
internal import Synchronization

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

  /// Lets others write.
  func release() {
    descriptor.withLock { descriptor in
      if descriptor >= 0 { Foundation.close(descriptor) }
      descriptor = -1
    }
  }

  deinit { release() }
}

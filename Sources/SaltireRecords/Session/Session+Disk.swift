import Foundation
import SaltireCore
import Synchronization

/// What the disk does to a session that is written.
extension Session {
  /// Begins to look whether the session's files are still there.
  ///
  /// - Parameter onLoss: called once, where they are not any more.
  func beginWatch(onLoss: @escaping @Sendable () -> Void) {
    guard let lock else { return }
    let watch = SessionWatch(url, lock, id: manifest.id)
    self.watch.withLock { $0 = watch }
    watch.begin(onLoss: onLoss)
  }

  /// Why nothing is written any more; nil as long as it is.
  var writingEnded: SessionError? { watch.withLock { $0 }?.loss?.error ?? givenUp.withLock { $0 } }

  /// What is behind a failure to write: the session may be gone.
  func cause(of error: SessionError) -> SessionError {
    _ = watch.withLock { $0 }?.look()
    return writingEnded ?? error
  }

  /// - Throws: why nothing is written any more.
  func expectWritable() throws(SessionError) {
    if let writingEnded { throw writingEnded }
  }

  /// Waits until all that was recorded can be read, where it can be.
  func expectReadable() throws(SessionError) {
    if let loss = watch.withLock({ $0 })?.loss, !loss.isReadable { throw loss.error }
    if let error = givenUp.withLock({ $0 }) { throw error }
    try settle()
  }

  /// Whether all that was recorded is written, in so many seconds.
  ///
  /// - Throws: ``SessionError`` where any of it could not be.
  func isSettled(within seconds: Double) async throws(SessionError) -> Bool {
    guard let writer else { return true }
    guard await writer.wait(seconds) else { return false }
    try writer.takeFailure()
    return true
  }

  /// Gives up a disk that has not answered for so many seconds.
  func giveUp(after seconds: Double) -> SessionError {
    let error = SessionError.storage(
      path: url.path,
      reason: "its disk has not answered for \(Quantity(seconds, .second).formatted(digits: 3))")
    givenUp.withLock { $0 = error }
    return error
  }

  /// Waits until all that was recorded is written.
  ///
  /// - Throws: ``SessionError`` where any of it could not be, or the disk does not
  ///   answer.
  package func settle() throws(SessionError) {
    guard let writer else { return }
    let patience = DiskPatience().end
    guard writer.block(patience) else { throw giveUp(after: patience) }
    try writer.takeFailure()
  }
}

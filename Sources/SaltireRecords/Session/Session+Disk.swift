import Foundation
import SaltireCore
import Synchronization

/// Disk errors while a session is written.
extension Session {
  /// Starts to monitor the session's files.
  ///
  /// - Parameter onLoss: called once if they are lost.
  func beginWatch(onLoss: @escaping @Sendable () -> Void) {
    guard let lock else { return }
    let watch = SessionWatch(url, lock, id: manifest.id)
    self.watch.withLock { $0 = watch }
    watch.begin(onLoss: onLoss)
  }

  /// Why writing has ended; nil as long as it has not.
  var writingEnded: SessionError? { watch.withLock { $0 }?.loss?.error ?? givenUp.withLock { $0 } }

  /// The cause of a write error: the session may be lost.
  func cause(of error: SessionError) -> SessionError {
    _ = watch.withLock { $0 }?.look()
    return writingEnded ?? error
  }

  /// - Throws: the reason if writing has ended.
  func expectWritable() throws(SessionError) {
    if let writingEnded { throw writingEnded }
  }

  /// Waits until all recorded data is readable, if possible.
  func expectReadable() throws(SessionError) {
    if let loss = watch.withLock({ $0 })?.loss, !loss.isReadable { throw loss.error }
    if let error = givenUp.withLock({ $0 }) { throw error }
    try settle()
  }

  /// Whether all recorded data is written within this many seconds.
  ///
  /// - Throws: ``SessionError`` if any of it cannot be written.
  func isSettled(within seconds: Double) async throws(SessionError) -> Bool {
    guard let writer else { return true }
    guard await writer.wait(seconds) else { return false }
    try writer.takeFailure()
    return true
  }

  /// Stops using a disk that has not responded for this many seconds.
  func giveUp(after seconds: Double) -> SessionError {
    let error = SessionError.storage(
      path: url.path,
      reason: "its disk has not responded for \(Quantity(seconds, .second).formatted(digits: 3))")
    givenUp.withLock { $0 = error }
    return error
  }

  /// Waits until all recorded data is written.
  ///
  /// - Throws: ``SessionError`` if any of it cannot be written or the disk does not respond.
  package func settle() throws(SessionError) {
    guard let writer else { return }
    let patience = DiskPatience().end
    guard writer.block(patience) else { throw giveUp(after: patience) }
    try writer.takeFailure()
  }
}

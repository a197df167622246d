internal import Dispatch
internal import Foundation
internal import Synchronization

/// Ctrl-C and its kin: the first cancels the run, which then makes the bench
/// safe. Asking again ends nothing sooner: outputs would stay on.
final class Interruption {
  private let source: any DispatchSourceRead
  private let writer: Int32
  private let isStopping = Flag()

  private final class Flag: Sendable {
    private let value = Mutex(false)
    func withLock<Result>(_ body: (inout Bool) -> Result) -> Result { value.withLock { body(&$0) } }
  }

  /// Calls `stop` when the process is asked to end, at any time from now on.
  ///
  /// Dispatch's own sources of signals begin to listen some time after they
  /// are made, and a signal before that would be lost.
  init(_ stop: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    // Without descriptors there is nothing to be run either.
    guard pipe(&ends) == 0 else { preconditionFailure("no pipe: errno \(errno)") }
    let reader = ends[0]
    writer = ends[1]
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let isStopping = isStopping
    let source = DispatchSource.makeReadSource(fileDescriptor: reader, queue: .global())
    source.setEventHandler {
      var byte: UInt8 = 0
      guard read(reader, &byte, 1) == 1 else { return }
      let isFirst = isStopping.withLock { isStopping in
        defer { isStopping = true }
        return !isStopping
      }
      if isFirst {
        stop()
      } else {
        Console.error("still making the outputs safe; give it the seconds it takes")
      }
    }
    source.setCancelHandler { close(reader) }
    source.activate()
    self.source = source
    signalPipe = writer
    for number in Self.numbers { signal(number, noteSignal) }
  }

  /// Leaves signals alone again.
  func end() {
    for number in Self.numbers { signal(number, SIG_DFL) }
    signalPipe = -1
    source.cancel()
    close(writer)
  }

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]
}

/// Where a signal is told of; written before there are handlers.
private nonisolated(unsafe) var signalPipe: Int32 = -1

/// Does nothing but what is allowed in a handler (signal-safety(7)).
private func noteSignal(_ number: Int32) {
  let before = errno
  var byte: UInt8 = 1
  _ = write(signalPipe, &byte, 1)
  errno = before
}

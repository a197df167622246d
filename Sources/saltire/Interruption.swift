import Dispatch
import Foundation
import SaltireCore
import Synchronization

/// A request to end a run.
final class Stop: Sendable {
  private struct State {
    var isRequested = false
    var reason: String?
    var work: Task<Void, any Error>?
  }

  private let state = Mutex(State())

  /// Seconds that the current program has to finish.
  private static let patience = 1.0

  var isRequested: Bool { state.withLock { $0.isRequested } }

  /// The reason of the request; nil for a signal.
  var reason: String? { state.withLock { $0.reason } }

  /// Lets the current program finish if it ends soon: then no pulse is in doubt when the run is
  /// resumed.
  func request(because reason: String? = nil) {
    state.withLock {
      $0.isRequested = true
      $0.reason = $0.reason ?? reason
    }
    Task {
      await HostTime.pause(Self.patience)
      force()
    }
  }

  /// Cancels the run at once.
  func force() { state.withLock { $0.work }?.cancel() }

  fileprivate func begin(_ work: Task<Void, any Error>) { state.withLock { $0.work = work } }
}

/// Runs `body` in a task that Ctrl-C can cancel. The body starts after the signal handlers are
/// installed.
///
/// The first Ctrl-C lets the current program finish; the second cancels at once.
func interruptible(_ body: @escaping @Sendable (Stop) async throws -> Void) async throws {
  let (beginning, begin) = AsyncStream.makeStream(of: Never.self)
  let stop = Stop()
  let work = Task {
    for await _ in beginning {}
    try await body(stop)
  }
  stop.begin(work)
  let interruption = Interruption { count in
    switch count {
    case 1: stop.request()
    case 2: stop.force()
    default: Console.error("still making the outputs safe; please wait")
    }
  }
  begin.finish()
  defer { interruption.end() }
  try await work.value
}

/// SIGINT, SIGTERM and SIGHUP. None of them ends the process, because outputs would stay on.
final class Interruption {
  private let source: any DispatchSourceRead
  private let writer: Int32

  /// Calls `stop` with the number of signals so far, each time that one arrives.
  ///
  /// A Dispatch signal source starts to listen some time after its creation and would miss an
  /// earlier signal, so this uses its own handler and pipe.
  init(_ stop: @escaping @Sendable (Int) -> Void) {
    var ends: [Int32] = [-1, -1]
    // Without free descriptors no command can run.
    guard pipe(&ends) == 0 else { preconditionFailure("cannot create a pipe: errno \(errno)") }
    let reader = ends[0]
    writer = ends[1]
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let count = Mutex(0)
    let source = DispatchSource.makeReadSource(fileDescriptor: reader, queue: .global())
    source.setEventHandler {
      var byte: UInt8 = 0
      guard read(reader, &byte, 1) == 1 else { return }
      let times = count.withLock {
        $0 += 1
        return $0
      }
      stop(times)
    }
    source.setCancelHandler { close(reader) }
    source.activate()
    self.source = source
    signalPipe = writer
    for number in Self.numbers { signal(number, noteSignal) }
  }

  /// Restores the default signal handling.
  func end() {
    for number in Self.numbers { signal(number, SIG_DFL) }
    signalPipe = -1
    source.cancel()
    close(writer)
  }

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]
}

/// The write end of the pipe; set before the handlers are installed.
private nonisolated(unsafe) var signalPipe: Int32 = -1

/// Calls only async-signal-safe functions (signal-safety(7)).
private func noteSignal(_ number: Int32) {
  let before = errno
  var byte: UInt8 = 1
  _ = write(signalPipe, &byte, 1)
  errno = before
}

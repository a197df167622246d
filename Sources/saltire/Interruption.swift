import Dispatch
import Foundation
import SaltireCore
import Synchronization

/// How a run is asked to end.
final class Stop: Sendable {
  private struct State {
    var isRequested = false
    var reason: String?
    var work: Task<Void, any Error>?
  }

  private let state = Mutex(State())

  /// Seconds that a program under way has to end.
  private static let patience = 1.0

  var isRequested: Bool { state.withLock { $0.isRequested } }

  /// Why it was asked to, where not by a signal.
  var reason: String? { state.withLock { $0.reason } }

  /// Lets the program under way come to its end, if that is near, because then
  /// nothing is in doubt when the run is taken up again.
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

  /// Ends it wherever it is.
  func force() { state.withLock { $0.work }?.cancel() }

  fileprivate func begin(_ work: Task<Void, any Error>) { state.withLock { $0.work = work } }
}

/// Does `body` in a task of its own, which Ctrl-C ends wherever it is; it
/// begins when Ctrl-C can end it.
///
/// The first Ctrl-C gives the program under way a moment; a second does not
/// wait.
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
    default: Console.error("still making the outputs safe; give it the seconds it takes")
    }
  }
  begin.finish()
  defer { interruption.end() }
  try await work.value
}

/// Ctrl-C and its kin. None ends the process: outputs would stay on.
final class Interruption {
  private let source: any DispatchSourceRead
  private let writer: Int32

  /// Calls `stop` each time that the process is asked to end, at any time from
  /// now on, with how often it was.
  ///
  /// Dispatch's own sources of signals begin to listen some time after they
  /// are made, and a signal before that would be lost.
  init(_ stop: @escaping @Sendable (Int) -> Void) {
    var ends: [Int32] = [-1, -1]
    // Without descriptors there is nothing to be run either.
    guard pipe(&ends) == 0 else { preconditionFailure("no pipe: errno \(errno)") }
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

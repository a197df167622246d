internal import Dispatch
internal import Foundation

/// Ctrl-C and its kin: the first cancels the run, which then makes the bench
/// safe; the terminal's own default applies again after.
final class Interruption {
  private let sources: [any DispatchSourceSignal]

  /// Calls `stop` when the process is asked to end.
  init(_ stop: @escaping @Sendable () -> Void) {
    sources = Self.numbers.map { number in
      // Without this the default action would come first.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        signal(number, SIG_DFL)
        stop()
      }
      source.activate()
      return source
    }
  }

  /// Leaves signals alone again.
  func end() {
    for source in sources { source.cancel() }
    for number in Self.numbers { signal(number, SIG_DFL) }
  }

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]
}

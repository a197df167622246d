import Foundation
import SaltireCore
import Synchronization

/// Standard output and standard error.
///
/// Words are written by a thread of their own: a terminal that takes no more (Ctrl-S, a
/// connection that froze), a reader that has gone and a full disk must not hold up a run
/// that has outputs on.
enum Console {
  private static let writer = ConsoleWriter()

  /// Makes that nothing else gets the numbers of streams that were closed when the program
  /// began: what is said must not go into a session.
  static func begin() {
    signal(SIGPIPE, SIG_IGN)
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest number that is free.
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// A result. Waits where much is still to be written: no part of it is dropped. Control
  /// characters of names and texts that come from elsewhere are escaped, here and below.
  static func print(_ text: String) {
    writer.add(text.shown + "\n", to: STDOUT_FILENO, as: .result)
  }

  /// What went wrong, or should be known. Never waits.
  static func error(_ text: String) {
    writer.add(text.shown + "\n", to: STDERR_FILENO, as: .message)
  }

  /// Faults that end nothing.
  static func warn(_ faults: [Diagnostic]) {
    for fault in faults { error(fault.rendered(as: .warning)) }
  }

  /// What the next of its kind replaces. Never waits.
  static func show(_ text: String) { writer.add(text, to: STDERR_FILENO, as: .progress) }

  /// Waits until all is written, two seconds at most where a terminal does not take it;
  /// as long as it takes where a file or a program gets a result.
  static func end() { writer.end(within: 2) }
}

/// Writes what is said, in order, on a thread of its own, from a bounded queue.
final class ConsoleWriter: @unchecked Sendable {
  enum Kind {
    case result, message, progress
  }

  private struct Item {
    let text: [UInt8]
    let descriptor: Int32
    let kind: Kind

    /// Whether all of it must be written, however long that takes.
    var isAwaited: Bool { kind == .result && isatty(descriptor) == 0 }
  }

  /// Everything below is touched under it only.
  private let condition = NSCondition()
  private var queue: [Item] = []
  private var size = 0
  private var current: Item?
  private var hasBegun = false
  private var dropped = 0

  /// Bytes that wait to be written.
  static let room = 1 << 20

  func add(_ text: String, to descriptor: Int32, as kind: Kind) {
    let item = Item(text: Array(text.utf8), descriptor: descriptor, kind: kind)
    condition.lock()
    defer { condition.unlock() }
    switch kind {
    case .result: while size > Self.room { condition.wait() }
    case .message where size > Self.room: return dropped += 1
    // One that was not shown yet is out of date.
    case .progress:
      size -= queue.filter { $0.kind == .progress }.reduce(0) { $0 + $1.text.count }
      queue.removeAll { $0.kind == .progress }
    case .message: break
    }
    queue.append(item)
    size += item.text.count
    if !hasBegun {
      hasBegun = true
      let thread = Thread { [self] in work() }
      thread.name = "console"
      thread.start()
    }
    condition.broadcast()
  }

  /// Waits until all is written. What a terminal has not taken after `seconds` is lost;
  /// results for files and programs are then written here.
  func end(within seconds: Double) {
    let last = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    while !queue.isEmpty || current != nil {
      if current?.isAwaited == true {
        condition.wait()
      } else if !condition.wait(until: last) {
        break
      }
    }
    let rest = queue.filter(\.isAwaited)
    if queue.isEmpty, current == nil, dropped > 0 {
      Self.write(
        Array("\(dropped) lines were not shown: standard error took no more\n".utf8),
        to: STDERR_FILENO)
    }
    queue = []
    condition.unlock()
    for item in rest { Self.write(item.text, to: item.descriptor) }
  }

  private func work() {
    while true {
      condition.lock()
      while queue.isEmpty { condition.wait() }
      let item = queue.removeFirst()
      current = item
      condition.unlock()
      Self.write(item.text, to: item.descriptor)
      condition.lock()
      current = nil
      size -= item.text.count
      condition.broadcast()
      condition.unlock()
    }
  }

  /// Never by a descriptor that does not wait: others share it with this process.
  private static func write(_ text: [UInt8], to descriptor: Int32) {
    var rest = text[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}

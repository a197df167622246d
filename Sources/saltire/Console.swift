import Foundation
import SaltireCore
import Synchronization

/// Standard output and standard error.
///
/// A separate thread writes the text: a terminal that stops accepting output (Ctrl-S, a frozen
/// connection), a closed pipe or a full disk must not block a run whose outputs are on.
enum Console {
  private static let writer = ConsoleWriter()

  /// Reopens closed standard streams on `/dev/null`. Otherwise a session file could get descriptor
  /// 1 or 2, and messages would be written into it.
  static func begin() {
    signal(SIGPIPE, SIG_IGN)
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // `open` returns the lowest free descriptor.
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// Prints a result. Waits if the queue is full, because no part of a result may be dropped.
  /// `print` and `error` escape control characters in names and texts from files.
  static func print(_ text: String) {
    writer.add(text.shown + "\n", to: STDOUT_FILENO, as: .result)
  }

  /// Prints an error or a warning. Never waits.
  static func error(_ text: String) {
    writer.add(text.shown + "\n", to: STDERR_FILENO, as: .message)
  }

  /// Prints faults that do not end the command.
  static func warn(_ faults: [Diagnostic]) {
    for fault in faults { error(fault.rendered(as: .warning)) }
  }

  /// Says how a measured curve was understood.
  static func tell(_ curve: String?) {
    for line in curve?.split(separator: "\n") ?? [] { error("curve  \(line)") }
  }

  /// Shows progress, which replaces earlier progress. Never waits.
  static func show(_ text: String) { writer.add(text, to: STDERR_FILENO, as: .progress) }

  /// Waits until everything is written: at most two seconds if a terminal does not accept it, and
  /// without limit if a file or a pipe gets a result.
  static func end() { writer.end(within: 2) }
}

/// Writes text in order from a bounded queue, on its own thread.
final class ConsoleWriter: @unchecked Sendable {
  enum Kind {
    case result, message, progress
  }

  private struct Item {
    let text: [UInt8]
    let descriptor: Int32
    let kind: Kind

    /// Whether the item must be written completely, however long that takes.
    var isAwaited: Bool { kind == .result && isatty(descriptor) == 0 }
  }

  /// Guards all properties below.
  private let condition = NSCondition()
  private var queue: [Item] = []
  private var size = 0
  private var current: Item?
  private var hasBegun = false
  private var dropped = 0

  /// The capacity of the queue in bytes.
  static let room = 1 << 20

  func add(_ text: String, to descriptor: Int32, as kind: Kind) {
    let item = Item(text: Array(text.utf8), descriptor: descriptor, kind: kind)
    condition.lock()
    defer { condition.unlock() }
    switch kind {
    case .result: while size > Self.room { condition.wait() }
    case .message where size > Self.room: return dropped += 1
    // Progress that was not shown yet is out of date.
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

  /// Waits until everything is written. Text that a terminal has not accepted after `seconds` is
  /// lost; results for files and pipes are then written by the caller.
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
        Array("\(dropped) lines were not shown because standard error was blocked\n".utf8),
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

  /// The descriptor stays in blocking mode, because other processes share it.
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

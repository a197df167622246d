import Foundation
import SaltireCore

/// One client of a ``SocketServer``: what it has sent and is not answered yet, and
/// what it has not read yet, both bounded.
final class ServedClient {
  enum Kind {
    /// From a listener's port.
    case socket(listener: Int32)
    case terminal(Terminal)
  }

  let descriptor: Int32
  let kind: Kind
  /// Whether it is gone, and nobody noticed.
  var isHalfOpen = false
  /// Whether it sends no more, and only reads.
  private var isLeaving = false
  private let answer: ([UInt8]) -> [UInt8]?
  /// Bytes that came at once; those before `taken` are answered.
  private var input: [UInt8] = []
  private var taken = 0
  /// Answers; those before `sent` are on their way.
  private var output: [UInt8] = []
  private var sent = 0
  private var lastProgress = HostTime.monotonic

  /// Bytes unread, from which on nothing more is taken from it.
  private static let fullOutput = 1 << 20
  /// Bytes unread that end the connection.
  private static let longestOutput = 64 << 20
  /// Seconds after which a serial port loses what nobody reads.
  private static let patience = 2.0

  init(_ descriptor: Int32, _ kind: Kind, answer: @escaping ([UInt8]) -> [UInt8]?) {
    self.descriptor = descriptor
    self.kind = kind
    self.answer = answer
  }

  var hasInput: Bool { taken < input.count && unread < Self.fullOutput }

  var hasOutput: Bool { unread > 0 }

  /// Whether more may come: all that came is answered, and the answers are read. A
  /// serial port waits for nobody.
  var takesMore: Bool {
    taken == input.count && (isTerminal || !isLeaving && unread < Self.fullOutput)
  }

  private var unread: Int { output.count - sent }

  private var isTerminal: Bool { if case .terminal = kind { true } else { false } }

  /// Takes what has come; false where it has left.
  func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return true }
    guard count > 0 else {
      isLeaving = true
      // The last of a terminal's clients leaves, and another may come.
      return isTerminal || count == 0 && hasOutput
    }
    if isTerminal, hasOutput, HostTime.monotonic - lastProgress > Self.patience {
      (output, sent) = ([], 0)
    }
    (input, taken) = (Array(buffer.prefix(count)), 0)
    return true
  }

  /// Answers line by line until `deadline`, so that many lines of one client keep no
  /// other waiting; false where it is to be dropped.
  func work(until deadline: Double) -> Bool {
    while hasInput {
      let rest = input[taken...]
      let end = rest.firstIndex { $0 == 10 || $0 == 13 }.map { $0 + 1 } ?? rest.endIndex
      taken = end
      guard let reply = answer(Array(rest[..<end])) else {
        guard isTerminal else { return false }
        // A line cannot be dropped: whoever is away hears nothing of what came with it. A
        // question behind a command that was lost must not be answered as if all was done.
        taken = input.count
        continue
      }
      if unread == 0 { lastProgress = HostTime.monotonic }
      output += reply
      guard unread <= Self.longestOutput else { return false }
      if HostTime.monotonic > deadline { break }
    }
    return true
  }

  /// Sends what can be sent without waiting; false where it has left.
  func flush() -> Bool {
    while hasOutput {
      let count = output.withUnsafeBytes {
        let start = $0.baseAddress! + sent
        return isTerminal
          ? write(descriptor, start, unread)
          : send(descriptor, start, unread, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return true }
      guard count > 0 else { return isTerminal }
      sent += count
      lastProgress = HostTime.monotonic
    }
    (output, sent) = ([], 0)
    return isTerminal || !isLeaving
  }
}

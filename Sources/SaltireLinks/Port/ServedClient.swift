import Foundation
import SaltireCore

/// One client of a ``SocketServer``, with bounded buffers of unprocessed input and unread replies.
final class ServedClient {
  enum Kind {
    /// From a listener's port.
    case socket(listener: Int32)
    case terminal(Terminal)
  }

  let descriptor: Int32
  let kind: Kind
  /// Whether the connection was closed unnoticed.
  var isHalfOpen = false
  /// Whether it has closed its sending side and only reads.
  private var isLeaving = false
  private let answer: ([UInt8]) -> [UInt8]?
  /// Received bytes; those before `taken` are processed.
  private var input: [UInt8] = []
  private var taken = 0
  /// Replies; those before `sent` are sent.
  private var output: [UInt8] = []
  private var sent = 0
  private var lastProgress = HostTime.monotonic

  /// Number of unread bytes at which no more input is accepted.
  private static let fullOutput = 1 << 20
  /// Number of unread bytes at which the connection is closed.
  private static let longestOutput = 64 << 20
  /// Seconds after which a serial port drops unread bytes.
  private static let patience = 2.0

  init(_ descriptor: Int32, _ kind: Kind, answer: @escaping ([UInt8]) -> [UInt8]?) {
    self.descriptor = descriptor
    self.kind = kind
    self.answer = answer
  }

  var hasInput: Bool { taken < input.count && unread < Self.fullOutput }

  var hasOutput: Bool { unread > 0 }

  /// Whether more input is accepted: all input is processed and all replies are read. A serial port
  /// always accepts input.
  var takesMore: Bool {
    taken == input.count && (isTerminal || !isLeaving && unread < Self.fullOutput)
  }

  private var unread: Int { output.count - sent }

  private var isTerminal: Bool { if case .terminal = kind { true } else { false } }

  /// Receives input; returns false if the client closed the connection.
  func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return true }
    guard count > 0 else {
      isLeaving = true
      // When the last client of a terminal leaves, another may come.
      return isTerminal || count == 0 && hasOutput
    }
    if isTerminal, hasOutput, HostTime.monotonic - lastProgress > Self.patience {
      (output, sent) = ([], 0)
    }
    (input, taken) = (Array(buffer.prefix(count)), 0)
    return true
  }

  /// Processes input line by line until `deadline`, so that no client delays the others; returns
  /// false if the connection must be closed.
  func work(until deadline: Double) -> Bool {
    while hasInput {
      let rest = input[taken...]
      let end = rest.firstIndex { $0 == 10 || $0 == 13 }.map { $0 + 1 } ?? rest.endIndex
      taken = end
      guard let reply = answer(Array(rest[..<end])) else {
        guard isTerminal else { return false }
        // A terminal cannot be closed, so the input is dropped with its replies. A query after a
        // lost command must not be answered as if all was well.
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

  /// Sends without blocking; returns false if the client closed the connection.
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

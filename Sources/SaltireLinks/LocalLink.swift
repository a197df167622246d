import Foundation
import Synchronization

/// A link to something in this process that replies at once, such as a simulated instrument: the
/// reply is there when `send` returns.
public final class LocalLink: Link {
  public let interrupt: LinkInterrupt
  /// Nil when closed.
  private var answer: (([UInt8]) -> [UInt8]?)?
  private let inbox = Inbox()

  /// Received bytes, shared by both sides.
  fileprivate final class Inbox: Sendable {
    struct Content {
      var buffer = MessageBuffer()
      var isGone = false
    }
    let content = Mutex(Content())
  }

  /// Injects unsolicited bytes into a link, or closes it from the other side.
  public struct Peer: Sendable {
    fileprivate let inbox: Inbox

    public func say(_ bytes: [UInt8]) { inbox.content.withLock { $0.buffer.append(bytes) } }

    /// Bytes sent before can still be received.
    public func hangUp() { inbox.content.withLock { $0.isGone = true } }
  }

  /// - Parameter answer: receives sent bytes and returns the reply; nil closes the connection.
  /// - Throws: ``LinkError/io(call:errno:)`` if no descriptors are left.
  public init(_ answer: @escaping ([UInt8]) -> [UInt8]?) throws(LinkError) {
    self.answer = answer
    interrupt = try LinkInterrupt()
  }

  /// The other side.
  public var peer: Peer { Peer(inbox: inbox) }

  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    guard let answer else { throw .closed }
    guard !interrupt.isFired else { throw .interrupted }
    guard !inbox.content.withLock({ $0.isGone }) else { throw .disconnected }
    guard let answer = answer(message) else {
      peer.hangUp()
      return
    }
    if !answer.isEmpty { inbox.content.withLock { $0.buffer.append(answer) } }
  }

  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    guard answer != nil else { throw .closed }
    while true {
      let found = inbox.content.withLock { content -> Result<[UInt8]?, LinkError> in
        if let message = content.buffer.take(terminator, searched: 0) { return .success(message) }
        return content.isGone ? .failure(.disconnected) : .success(nil)
      }
      if let message = try found.get() { return message }
      let left = deadline.remaining
      // Only a peer can add bytes, and that is not urgent.
      if interrupt.isFired(within: min(left, 0.02)) { throw .interrupted }
      if left <= 0 { throw .timeout(received: inbox.content.withLock { $0.buffer.count }) }
    }
  }

  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    guard step == .clear else { throw .unsupported(step.title) }
    guard answer != nil else { throw .closed }
    inbox.content.withLock { $0.buffer.removeAll() }
  }

  public func close() { answer = nil }
}

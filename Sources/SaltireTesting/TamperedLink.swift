public import SaltireLinks
import Synchronization

/// A link with injected faults: a connection lost at a given byte, unsolicited messages, modified
/// replies.
public final class TamperedLink: Link {
  /// The faults of the links to one instrument, shared by all of them and controlled by the test.
  public final class Tampering: Sendable {
    fileprivate struct State {
      var room: Int?
      var sent = 0
      var words: [[UInt8]] = []
      var change: (@Sendable ([UInt8]) -> [UInt8])?
    }
    fileprivate let state = Mutex(State())

    public init() {}

    /// The connection is lost once, after this many more sent bytes.
    public func cut(after bytes: Int) { state.withLock { $0.room = bytes } }

    /// Messages that are received before all others.
    public func say(_ messages: [[UInt8]]) { state.withLock { $0.words += messages } }

    /// Modifies every received message.
    public func change(_ body: @escaping @Sendable ([UInt8]) -> [UInt8]) {
      state.withLock { $0.change = body }
    }

    /// The number of sent bytes.
    public var sent: Int { state.withLock { $0.sent } }
  }

  private let inner: any Link
  private let tampering: Tampering
  private var isCut = false

  public init(_ inner: any Link, _ tampering: Tampering) {
    self.inner = inner
    self.tampering = tampering
  }

  public var interrupt: LinkInterrupt { inner.interrupt }
  public var isMessageBased: Bool { inner.isMessageBased }
  public var recoverySteps: [RecoveryStep] { inner.recoverySteps + [.reopen] }

  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    if isCut { throw .disconnected }
    let room = tampering.state.withLock { state -> Int in
      let room = min(state.room ?? .max, message.count)
      state.sent += room
      if let left = state.room { state.room = room < message.count ? nil : left - room }
      return room
    }
    try inner.send(Array(message.prefix(room)), deadline: deadline)
    if room < message.count {
      isCut = true
      inner.close()
      throw .disconnected
    }
  }

  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    if isCut { throw .disconnected }
    let word = tampering.state.withLock { $0.words.isEmpty ? nil : $0.words.removeFirst() }
    if let word { return word }
    let message = try inner.receive(until: terminator, deadline: deadline)
    let change = tampering.state.withLock { $0.change }
    return change?(message) ?? message
  }

  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    if isCut { throw .disconnected }
    try inner.recover(by: step, deadline: deadline)
  }

  public func close() { inner.close() }
}

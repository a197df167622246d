/// A link to one of the instruments of a ``PrologixAdapter``.
///
/// Messages end with EOI; the link appends a missing terminator to a line. Data that contain the
/// adapter's mark for EOI, byte 4, are received completely, because the link then queries whether
/// the message has ended.
public final class PrologixLink: Link, BusControl {
  public let interrupt: LinkInterrupt
  /// Fired by the adapter when it is this link's turn.
  let bell: LinkInterrupt
  private let adapter: PrologixAdapter
  private let address: GPIBAddress
  private var pending = MessageBuffer()
  /// Whether the pending bytes end a message.
  private var isEnded = false
  /// Set by the adapter.
  var isOpen = false

  /// A link that is not open yet.
  init(_ adapter: PrologixAdapter, _ address: GPIBAddress) throws(LinkError) {
    self.adapter = adapter
    self.address = address
    interrupt = try LinkInterrupt()
    bell = try LinkInterrupt()
  }

  deinit { close() }

  public var isMessageBased: Bool { true }

  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    guard isOpen else { throw .closed }
    guard !interrupt.isFired else { throw .interrupted }
    guard !message.isEmpty else { return }
    try adapter.perform(for: self, deadline: deadline) { bus throws(LinkError) in
      try bus.send(message, to: address, deadline: deadline)
    }
  }

  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    guard isOpen else { throw .closed }
    let lineEnd: UInt8? = if case .byte(let byte) = terminator { byte } else { nil }
    var searched = 0
    while true {
      guard !interrupt.isFired else { throw .interrupted }
      if let message = take(terminator, searched: searched) { return message }
      searched = pending.count
      guard searched < MessageBuffer.limit else { throw .overrun(limit: MessageBuffer.limit) }
      guard deadline.remaining > 0 else { throw .timeout(received: searched) }
      do throws(LinkError) {
        let (bytes, isEnded) = try adapter.perform(for: self, deadline: deadline) {
          bus throws(LinkError) in
          try bus.receive(from: address, lineEnd: lineEnd, interrupt: interrupt, deadline: deadline)
        }
        pending.append(bytes)
        self.isEnded = isEnded
      } catch .timeout {
        throw .timeout(received: searched)
      }
    }
  }

  /// Sends a device clear (`++clr`) to this instrument only, and discards received bytes.
  ///
  /// - Throws: ``LinkError``.
  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    guard step == .clear else { throw .unsupported(step.title) }
    try order("++clr", deadline)
    pending.removeAll()
    isEnded = false
  }

  public func close() {
    guard isOpen else { return }
    isOpen = false
    adapter.leave(self)
  }

  // MARK: Control

  /// Uses `++spoll`.
  public func statusByte(deadline: Deadline) throws(LinkError) -> UInt8 {
    let answer = try order("++spoll", deadline)
    guard !answer.isEmpty else { throw .timeout(received: 0) }
    guard let status = UInt8(answer) else {
      throw .malformed("a status byte of \(answer.debugDescription)")
    }
    return status
  }

  /// Uses `++trg`.
  public func trigger(deadline: Deadline) throws(LinkError) { try order("++trg", deadline) }

  /// - Throws: ``LinkError/unsupported(_:)``: the next message does it.
  public func goToRemote(deadline: Deadline) throws(LinkError) {
    throw .unsupported("command to enter remote mode")
  }

  /// Uses `++loc`.
  public func goToLocal(deadline: Deadline) throws(LinkError) { try order("++loc", deadline) }

  // MARK: Inside

  @discardableResult
  private func order(_ command: String, _ deadline: Deadline) throws(LinkError) -> String {
    guard isOpen else { throw .closed }
    return try adapter.perform(for: self, deadline: deadline) { bus throws(LinkError) in
      try bus.perform(command, at: address, deadline: deadline)
    }
  }

  /// The first message if it is complete, also if only EOI ended it.
  private func take(_ terminator: Terminator, searched: Int) -> [UInt8]? {
    if let message = pending.take(terminator, searched: searched) { return message }
    guard isEnded, pending.count > 0 else { return nil }
    switch terminator {
    case .byte(let byte): return pending.takeAll() + [byte]
    case .block: return pending.takeAll()
    case .count: return nil
    }
  }
}

/// Answers from the record of a link, as long as the requests equal the recorded ones.
public final class ReplayLink: Link {
  public let interrupt: LinkInterrupt
  public let isMessageBased: Bool
  /// The remaining events.
  public private(set) var rest: ArraySlice<WireEvent>
  private var isClosed = false

  /// - Parameters:
  ///   - events: the record.
  ///   - isMessageBased: whether the recorded link was message-based.
  /// - Throws: ``LinkError/io(call:errno:)``.
  public init(_ events: [WireEvent], isMessageBased: Bool = false) throws(LinkError) {
    interrupt = try LinkInterrupt()
    self.isMessageBased = isMessageBased
    rest = events[...]
  }

  /// Succeeds if the next recorded event is this message.
  ///
  /// - Throws: ``LinkError/offRecord(asked:recorded:)``; ``LinkError/disconnected`` at the end of
  ///   the record; recorded errors.
  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    _ = try next(.sent, message)
  }

  /// The recorded message, whatever its terminator.
  ///
  /// - Throws: as `send`.
  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    try next(.received, nil)
  }

  /// - Throws: as `send`.
  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    _ = try next(.recovered(step), [])
  }

  public func close() { isClosed = true }

  // MARK: Inside

  /// Consumes the next event if it has this kind, or throws its recorded failure.
  ///
  /// - Parameter message: the bytes that it must have; nil for any.
  private func next(_ kind: WireEvent.Kind, _ message: [UInt8]?) throws(LinkError) -> [UInt8] {
    if isClosed { throw .closed }
    if interrupt.isFired { throw .interrupted }
    guard let event = rest.first else { throw .disconnected }
    let failure: LinkError? = if case .failed(let error) = event.kind { error } else { nil }
    guard failure != nil || event.kind == kind, message == nil || event.bytes == message else {
      throw .offRecord(
        asked: WireEvent(kind, bytes: message ?? []).description, recorded: event.description)
    }
    rest.removeFirst()
    if let failure { throw failure }
    return event.bytes
  }
}

/// Answers from a record of what went over a link, as long as it is asked
/// just what was asked then.
public final class ReplayLink: Link {
  public let interrupt: LinkInterrupt
  public let isMessageBased: Bool
  /// What the record still holds.
  public private(set) var rest: ArraySlice<WireEvent>
  private var isClosed = false

  /// - Parameters:
  ///   - events: the record.
  ///   - isMessageBased: whether the recorded link was.
  /// - Throws: ``LinkError/io(call:errno:)``.
  public init(_ events: [WireEvent], isMessageBased: Bool = false) throws(LinkError) {
    interrupt = try LinkInterrupt()
    self.isMessageBased = isMessageBased
    rest = events[...]
  }

  /// Does nothing, when the record goes on with that.
  ///
  /// - Throws: ``LinkError/offRecord(asked:recorded:)``,
  ///   ``LinkError/disconnected`` at the end of the record; what is recorded as
  ///   thrown.
  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    _ = try next(.sent, message)
  }

  /// The recorded message, whatever it ends with.
  ///
  /// - Throws: as sending does.
  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    try next(.received, nil)
  }

  /// - Throws: as sending does.
  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    _ = try next(.recovered(step), [])
  }

  public func close() { isClosed = true }

  // MARK: Inside

  /// Takes the next event when it is one of that kind, or its failure.
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

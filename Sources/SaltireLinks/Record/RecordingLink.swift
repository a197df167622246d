import SaltireCore

/// Forwards everything to another link, and reports the events.
public final class RecordingLink: Link {
  private let inner: any Link
  private let record: (WireEvent) -> Void

  /// - Parameters:
  ///   - inner: the other link.
  ///   - record: called after every event, on the thread that uses the link.
  public init(_ inner: any Link, record: @escaping (WireEvent) -> Void) {
    self.inner = inner
    self.record = record
  }

  public var interrupt: LinkInterrupt { inner.interrupt }

  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    try telling(failureOf: message) { () throws(LinkError) in
      try inner.send(message, deadline: deadline)
    }
    tell(.sent, message)
  }

  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    let message = try telling { () throws(LinkError) in
      try inner.receive(until: terminator, deadline: deadline)
    }
    tell(.received, message)
    return message
  }

  public var isMessageBased: Bool { inner.isMessageBased }

  public var recoverySteps: [RecoveryStep] { inner.recoverySteps }

  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    try telling { () throws(LinkError) in try inner.recover(by: step, deadline: deadline) }
    tell(.recovered(step))
  }

  public func close() { inner.close() }

  // MARK: Inside

  private func telling<Result>(
    failureOf message: [UInt8] = [], _ call: () throws(LinkError) -> Result
  ) throws(LinkError) -> Result {
    do throws(LinkError) {
      return try call()
    } catch {
      tell(.failed(error), message)
      throw error
    }
  }

  private func tell(_ kind: WireEvent.Kind, _ bytes: [UInt8] = []) {
    record(WireEvent(kind, time: HostTime.monotonic, bytes: bytes))
  }
}

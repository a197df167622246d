/// Carries bytes to one instrument and back.
///
/// Calls block, on purpose: a link lives on its instrument's own thread. Only
/// its ``interrupt`` may be used from elsewhere.
public protocol Link: AnyObject {
  /// Ends a blocked call from any thread.
  var interrupt: LinkInterrupt { get }

  /// Whether what is sent is one message and its answer must be taken before
  /// the next is sent, as on GPIB and USBTMC (IEEE 488.2, 6.3.2). On others
  /// bytes flow: questions may be sent ahead of their answers.
  var isMessageBased: Bool { get }

  /// What can be done when answers do not come, mildest first.
  var recoverySteps: [RecoveryStep] { get }

  /// Sends all of `message`.
  ///
  /// - Throws: ``LinkError``. After a timeout an unknown part was sent:
  ///   ``clear()`` before anything else.
  func send(_ message: [UInt8], deadline: Deadline) throws(LinkError)

  /// The next message, its terminator included. Bytes behind it are kept for
  /// the next call, as are those of a message that did not come whole.
  ///
  /// - Throws: ``LinkError``.
  func receive(until terminator: Terminator, deadline: Deadline) throws(LinkError) -> [UInt8]

  /// Takes one of the ``recoverySteps``, after which whatever has come and was
  /// not received is forgotten.
  ///
  /// - Throws: ``LinkError``, ``LinkError/unsupported(_:)`` for others.
  func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError)

  /// Ends the use of the link. Further calls throw ``LinkError/closed``.
  func close()
}

extension Link {
  public var isMessageBased: Bool { false }

  public var recoverySteps: [RecoveryStep] { [.clear] }

  /// Forgets whatever has come and was not received; to a message-based
  /// instrument it is a device clear.
  ///
  /// - Throws: ``LinkError``.
  public func clear() throws(LinkError) { try recover(by: .clear, deadline: .after(2)) }
}

/// What can be done about an instrument that does not answer, mildest first.
public enum RecoveryStep: String, Sendable, Codable, CaseIterable {
  /// Ends the transfers that are under way.
  case abort
  /// Makes the instrument forget its input and output.
  case clear
  /// Lets both directions move again, where one was halted.
  case clearHalts
  /// Has the host reset the device, which then is as if plugged in anew.
  case reset
  /// Closes the connection and makes it again.
  case reopen

  /// As in "device clear".
  public var title: String {
    switch self {
    case .abort: "abort"
    case .clear: "device clear"
    case .clearHalts: "clear halts"
    case .reset: "reset"
    case .reopen: "reopen"
    }
  }
}

/// What ends a message.
public enum Terminator: Sendable, Equatable {
  /// This byte, as in lines that end with LF.
  case byte(UInt8)
  /// So many bytes.
  case count(Int)
  /// The end of a block of arbitrary data (IEEE 488.2, 8.7.9 and 8.7.10) and
  /// the LF behind it; of a line, where no block begins. A block of unknown
  /// length can only come over a link that is message-based.
  case block
}

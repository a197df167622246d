/// Transfers bytes to and from one instrument.
///
/// Calls block on purpose: a link is used on its instrument's own thread. Only its ``interrupt`` is
/// thread-safe.
public protocol Link: AnyObject {
  /// Ends a blocked call. Thread-safe.
  var interrupt: LinkInterrupt { get }

  /// Whether bytes are transferred as messages, and a reply must be read before the next message is
  /// sent, as on GPIB and USBTMC (IEEE 488.2, 6.3.2). Other links are byte streams: queries may be
  /// sent before earlier replies are read.
  var isMessageBased: Bool { get }

  /// The possible recovery steps when replies are missing, mildest first.
  var recoverySteps: [RecoveryStep] { get }

  /// Sends all of `message`.
  ///
  /// - Throws: ``LinkError``. After a timeout an unknown part was sent: ``clear()`` before anything
  ///   else.
  func send(_ message: [UInt8], deadline: Deadline) throws(LinkError)

  /// Receives the next message, including its terminator. Further bytes, and those of an incomplete
  /// message, are kept for the next call.
  ///
  /// - Throws: ``LinkError``.
  func receive(until terminator: Terminator, deadline: Deadline) throws(LinkError) -> [UInt8]

  /// Performs one of the ``recoverySteps``, and discards received bytes.
  ///
  /// - Throws: ``LinkError``; ``LinkError/unsupported(_:)`` for other steps.
  func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError)

  /// Closes the link. Further calls throw ``LinkError/closed``.
  func close()
}

extension Link {
  public var isMessageBased: Bool { false }

  public var recoverySteps: [RecoveryStep] { [.clear] }

  /// Discards received bytes; a message-based instrument gets a device clear.
  ///
  /// - Throws: ``LinkError``.
  public func clear() throws(LinkError) { try recover(by: .clear, deadline: .after(2)) }
}

/// A recovery step for an instrument that does not respond, in order from mild to severe.
public enum RecoveryStep: String, Sendable, Codable, CaseIterable {
  /// Aborts transfers in progress.
  case abort
  /// Clears the input and output buffers of the instrument.
  case clear
  /// Clears the halt condition of both endpoints.
  case clearHalts
  /// Resets the USB device, as if it were reconnected.
  case reset
  /// Closes and reopens the connection.
  case reopen

  /// Such as "device clear".
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

/// The end of a message.
public enum Terminator: Sendable, Equatable {
  /// This byte, as in lines that end with LF.
  case byte(UInt8)
  /// A fixed number of bytes.
  case count(Int)
  /// The end of an arbitrary block (IEEE 488.2, 8.7.9 and 8.7.10) and the LF after it; or the end
  /// of a line, if no block begins. An indefinite-length block requires a message-based link.
  case block
}

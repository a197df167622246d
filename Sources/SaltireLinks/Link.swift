/// Carries bytes to one instrument and back.
///
/// Calls block, on purpose: a link lives on its instrument's own thread. Only
/// its ``interrupt`` may be used from elsewhere.
public protocol Link: AnyObject {
  /// Ends a blocked call from any thread.
  var interrupt: LinkInterrupt { get }

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

  /// Forgets whatever has come and was not received.
  ///
  /// - Throws: ``LinkError``.
  func clear() throws(LinkError)

  /// Ends the use of the link. Further calls throw ``LinkError/closed``.
  func close()
}

/// What ends a message.
public enum Terminator: Sendable, Equatable {
  /// This byte, as in lines that end with LF.
  case byte(UInt8)
  /// So many bytes.
  case count(Int)
}

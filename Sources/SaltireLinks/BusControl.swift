/// Bus operations besides messages (IEEE 488.1 and USB488), for links that support them.
///
/// They do not depend on the instrument's command parser, so they work while it hangs.
public protocol BusControl: AnyObject {
  /// Reads the status byte (IEEE 488.2, 11.2) with a serial poll.
  ///
  /// - Throws: ``LinkError``; ``LinkError/unsupported(_:)`` if there is none.
  func statusByte(deadline: Deadline) throws(LinkError) -> UInt8

  /// Triggers the instrument (IEEE 488.1, GET) without a message.
  ///
  /// - Throws: ``LinkError``; ``LinkError/unsupported(_:)`` if it has no trigger.
  func trigger(deadline: Deadline) throws(LinkError)

  /// Enters remote mode: the front panel can only return to local.
  ///
  /// - Throws: ``LinkError``; ``LinkError/unsupported(_:)`` if only a message, or nothing, does
  ///   this.
  func goToRemote(deadline: Deadline) throws(LinkError)

  /// Returns to local mode; settings and outputs do not change.
  ///
  /// - Throws: ``LinkError``; ``LinkError/unsupported(_:)`` if it has no such command.
  func goToLocal(deadline: Deadline) throws(LinkError)
}

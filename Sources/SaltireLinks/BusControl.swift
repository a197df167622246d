/// What an instrument's bus does besides carrying messages (IEEE 488.1 and
/// USB488): a link that is also this can do it where the device can.
///
/// None of it waits for the instrument's own programs: it gets through while
/// one hangs.
public protocol BusControl: AnyObject {
  /// The status byte (IEEE 488.2, 11.2), by a serial poll.
  ///
  /// - Throws: ``LinkError``, ``LinkError/unsupported(_:)`` where there is none.
  func statusByte(deadline: Deadline) throws(LinkError) -> UInt8

  /// Triggers the instrument (IEEE 488.1, GET), without a message.
  ///
  /// - Throws: ``LinkError``, ``LinkError/unsupported(_:)`` where it has no
  ///   trigger.
  func trigger(deadline: Deadline) throws(LinkError)

  /// Gives the instrument to the bus: its front panel does nothing but return
  /// it.
  ///
  /// - Throws: ``LinkError``, ``LinkError/unsupported(_:)`` where a message is
  ///   what makes it so, or nothing does.
  func goToRemote(deadline: Deadline) throws(LinkError)

  /// Gives the instrument back to who stands before it; it leaves its settings
  /// and outputs as they are.
  ///
  /// - Throws: ``LinkError``, ``LinkError/unsupported(_:)`` where it has no such
  ///   command.
  func goToLocal(deadline: Deadline) throws(LinkError)
}

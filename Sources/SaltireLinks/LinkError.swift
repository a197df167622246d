/// Why bytes did not get through.
public enum LinkError: Error, Equatable, Sendable {
  /// The deadline passed; so many bytes had come that made no whole message.
  /// They are kept for the next receive.
  case timeout(received: Int)
  /// The other side closed, or the device is gone.
  case disconnected
  /// ``LinkInterrupt/fire()`` ended the call.
  case interrupted
  /// The link was closed here.
  case closed
  /// More bytes than a message may have came without a terminator.
  case overrun(limit: Int)
  /// Nobody answers at that address.
  case unreachable(address: String, reason: String)
  /// A replay was asked for something else than its record goes on with: both
  /// as ``WireEvent/description`` has them, without bytes for a receive.
  case offRecord(asked: String, recorded: String)
  /// A system call failed.
  case io(call: String, errno: Int32)
}

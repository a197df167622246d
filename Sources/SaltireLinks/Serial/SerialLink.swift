/// A link over a serial port, by libserialport.
public final class SerialLink: Link {
  public var interrupt: LinkInterrupt { channel.interrupt }
  private var channel: Channel<SerialPort>

  private init(_ port: SerialPort) throws(LinkError) { channel = try Channel(port) }

  deinit { close() }

  /// Opens and sets a port.
  ///
  /// - Parameters:
  ///   - port: its device file, as in /dev/ttyUSB0.
  ///   - settings: how to set it.
  /// - Throws: ``LinkError/unreachable(address:reason:)`` when there is no such
  ///   port or it cannot be set so, ``LinkError/busy(address:by:)`` when it is in
  ///   use, ``LinkError/denied(address:)`` when it may not be used;
  ///   ``LinkError/io(call:errno:)``.
  public static func open(
    port: String, settings: SerialSettings = SerialSettings()
  ) throws(LinkError) -> SerialLink {
    try SerialLink(SerialPort(path: port, settings: settings))
  }

  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    try channel.send(message, deadline: deadline)
  }

  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    try channel.receive(until: terminator, deadline: deadline)
  }

  /// Forgets whatever has come and was not received, and what was not sent yet;
  /// ends pauses that either side asked for; sends ``SerialSettings/clearByte``.
  ///
  /// - Throws: ``LinkError``.
  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    guard step == .clear else { throw .unsupported(step.title) }
    try channel.clear()
  }

  public func close() { channel.close() }
}

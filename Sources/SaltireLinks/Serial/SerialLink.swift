/// A link over a serial port or a pseudo-terminal.
public final class SerialLink: Link {
  public var interrupt: LinkInterrupt { channel.interrupt }
  private var channel: Channel<SerialPort>

  private init(_ port: SerialPort) throws(LinkError) { channel = try Channel(port) }

  deinit { close() }

  /// Opens and configures a port.
  ///
  /// - Parameters:
  ///   - port: its device file, such as /dev/ttyUSB0, or a link to it.
  ///   - settings: its settings.
  /// - Throws: ``LinkError/unreachable(address:reason:)`` if the port does not exist or does not
  ///   support the settings, ``LinkError/busy(address:by:)`` if it is in use,
  ///   ``LinkError/denied(address:)`` without permission; ``LinkError/io(call:errno:)``.
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

  /// Discards received and unsent bytes; ends pauses of the flow control on both sides; sends
  /// ``SerialSettings/clearByte``.
  ///
  /// - Throws: ``LinkError``.
  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    guard step == .clear else { throw .unsupported(step.title) }
    try channel.clear()
  }

  public func close() { channel.close() }
}

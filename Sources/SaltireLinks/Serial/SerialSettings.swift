/// The settings of a serial port.
public struct SerialSettings: Sendable, Equatable {
  public enum Parity: String, Sendable, CaseIterable { case none, even, odd }

  /// How one side tells the other to pause.
  public enum FlowControl: String, Sendable, CaseIterable {
    case none
    /// With the characters DC3 and DC1, which messages must then not contain.
    case xonXoff = "xon_xoff"
    /// With the lines RTS and CTS.
    case rtsCts = "rts_cts"
  }

  /// The state of a control line. The system raises both lines when a port is opened, so a line to
  /// be off is on for a moment.
  public enum ControlLine: Sendable { case on, off, leave }

  /// Bits per second.
  public var baud = 9600
  /// 5 to 8.
  public var dataBits = 8
  public var parity = Parity.none
  /// 1 or 2.
  public var stopBits = 1
  public var flow = FlowControl.none
  public var dtr = ControlLine.on
  /// Without effect if RTS does flow control.
  public var rts = ControlLine.on
  /// Excludes other programs while the port is open, and fails if another program has it open. The
  /// safe sequence of `saltire off` does neither.
  public var isExclusive = true
  /// The byte that `clear()` sends to clear the instrument's buffers: 3 (^C) for a Keithley 2400.
  public var clearByte: UInt8?

  /// 9600 baud, 8 data bits, no parity, 1 stop bit, no flow control.
  public init() {}

  /// Such as "9600 baud 8N1".
  var summary: String {
    let letter =
      switch parity {
      case .none: "N"
      case .even: "E"
      case .odd: "O"
      }
    return "\(baud) baud \(dataBits)\(letter)\(stopBits)"
  }
}

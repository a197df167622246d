/// How a serial port is set when it is opened.
public struct SerialSettings: Sendable, Equatable {
  public enum Parity: Sendable { case none, even, odd }

  /// How one side tells the other to pause.
  public enum FlowControl: Sendable {
    case none
    /// By the characters DC3 and DC1, which messages can then not contain.
    case xonXoff
    /// By the lines RTS and CTS.
    case rtsCts
  }

  /// What to do with an output line. The system raises both on opening: a line
  /// to be off is on for a moment.
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
  /// Has no effect where RTS does flow control.
  public var rts = ControlLine.on
  /// Keeps other programs off the port while it is open, and refuses one that another has
  /// open. Who makes safe does neither.
  public var isExclusive = true
  /// What makes the instrument forget its input and output, sent by
  /// `clear()`: 3 (^C) for a Keithley 2400.
  public var clearByte: UInt8?

  /// 9600 baud, 8 data bits, no parity, 1 stop bit, no flow control.
  public init() {}

  /// As in "9600 baud 8N1".
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

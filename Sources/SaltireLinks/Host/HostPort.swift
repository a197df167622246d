/// A port of this computer that an instrument may be behind, as the system
/// tells of it.
public struct HostPort: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// A serial port, or what looks like one over USB.
    case serial
    /// An interface of a USB device that carries messages of instruments.
    case usbtmc
  }

  /// Whether this user may open it.
  public enum Access: Sendable, Equatable {
    case allowed
    /// Only others may: those in this group, where there is one.
    case denied(group: String?)
    /// The system has the device, but no file to open it by, as in a container
    /// that was not given it.
    case missing
  }

  public var kind: Kind
  /// Its device file.
  public var path: String
  /// A name for the same that it keeps when others are plugged in; nil without.
  public var alias: String?
  /// What the device calls itself; empty where it does not.
  public var name: String
  /// What kind of USB device it is; nil where it is none.
  public var usb: USBIdentifier?
  /// The serial number of that device, where it has one.
  public var serial: String?
  /// The number of a USBTMC interface in its device.
  public var interface: UInt8?
  /// The kernel's driver that holds the interface of a USBTMC device.
  public var driver: String?
  public var access: Access

  /// The resource string that finds it again. A USB device without a serial
  /// number is found as one of its kind.
  public var resource: Resource {
    guard kind == .usbtmc, let usb else { return .serial(port: path) }
    return usb.resource(serial: serial, interface: interface)
  }
}

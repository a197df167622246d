/// A port of this computer to which an instrument may be connected.
public struct HostPort: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// A serial port, including USB serial ports.
    case serial
    /// A USBTMC interface of a USB device.
    case usbtmc
  }

  /// Whether this user may open it.
  public enum Access: Sendable, Equatable {
    case allowed
    /// Only other users have access: the members of this group, if there is one.
    case denied(group: String?)
    /// The system has the device, but no device file, as in a container without access to it.
    case missing
  }

  public var kind: Kind
  /// Its device file.
  public var path: String
  /// Another name that does not depend on other connected devices; nil if there is none.
  public var alias: String?
  /// The name that the device reports; empty if none.
  public var name: String
  /// The USB id of the device; nil if it is not a USB device.
  public var usb: USBIdentifier?
  /// The serial number of the device, if it has one.
  public var serial: String?
  /// The number of the USBTMC interface of the device.
  public var interface: UInt8?
  /// The kernel driver bound to the interface of a USBTMC device.
  public var driver: String?
  public var access: Access

  /// The resource name that finds it again. A USB device without a serial number is found by its
  /// USB id.
  public var resource: Resource {
    guard kind == .usbtmc, let usb else { return .serial(port: path) }
    return usb.resource(serial: serial, interface: interface)
  }
}

internal import CSerialPort
internal import Foundation

/// A serial port of this computer, as it can be known without opening it.
public struct SerialPortInfo: Sendable, Equatable {
  /// The device file.
  public var node: String
  /// What is behind it, where it is an adapter on USB.
  public var adapter: Adapter?

  public struct Adapter: Sendable, Equatable {
    public var identifier: USBIdentifier
    public var manufacturer: String?
    public var product: String?
    public var serial: String?
  }

  /// The resource string that finds it again.
  public var resource: Resource { .serial(port: node) }

  /// Whether it can be opened.
  public var access: DeviceAccess { DeviceAccess(node: node) }

  /// Every serial port.
  ///
  /// - Throws: ``LinkError/io(call:errno:)`` where they cannot be listed.
  public static func all() throws(LinkError) -> [SerialPortInfo] {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    guard sp_list_ports(&list) == SP_OK, let list else {
      // A system without any has no place to list them.
      if sp_last_error_code() == ENOENT { return [] }
      throw .io(call: "sp_list_ports", errno: sp_last_error_code())
    }
    defer { sp_free_port_list(list) }
    var found: [SerialPortInfo] = []
    var next = list
    while let port = next.pointee {
      if let name = sp_get_port_name(port) {
        found.append(SerialPortInfo(node: String(cString: name), adapter: Adapter(port)))
      }
      next += 1
    }
    return found.sorted { $0.node < $1.node }
  }
}

extension SerialPortInfo.Adapter {
  fileprivate init?(_ port: OpaquePointer) {
    var vendor: Int32 = 0
    var product: Int32 = 0
    guard sp_get_port_transport(port) == SP_TRANSPORT_USB,
      sp_get_port_usb_vid_pid(port, &vendor, &product) == SP_OK
    else { return nil }
    func text(_ value: UnsafeMutablePointer<CChar>?) -> String? {
      value.map { String(cString: $0) }
    }
    self.init(
      identifier: USBIdentifier(
        vendor: UInt16(truncatingIfNeeded: vendor), product: UInt16(truncatingIfNeeded: product)),
      manufacturer: text(sp_get_port_usb_manufacturer(port)),
      product: text(sp_get_port_usb_product(port)), serial: text(sp_get_port_usb_serial(port)))
  }
}

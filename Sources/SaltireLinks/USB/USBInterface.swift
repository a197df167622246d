internal import CUSB
internal import Foundation

/// A USBTMC interface of a device that is plugged in, as it can be known
/// without opening the device.
public struct USBInterface: Sendable, Equatable {
  public var identifier: USBIdentifier
  /// The number of the interface in its device.
  public var number: UInt8
  /// Whether it speaks USB488 on top of USBTMC.
  public var isUSB488: Bool
  public var manufacturer: String?
  public var product: String?
  /// The device's serial number, where it has one.
  public var serial: String?
  /// The device file: what must be readable and writable to open it.
  public var node: String
  /// The kernel's driver that has the interface: `usbtmc`, or `usbfs` for
  /// another program; nil for none.
  public var driver: String?
  var endpoints: Endpoints

  /// Addresses of endpoints, and bytes of a packet.
  struct Endpoints: Sendable, Equatable {
    var output: UInt8 = 0
    var input: UInt8 = 0
    var packet = 0
    /// Where the device tells of its status by itself; nil where it does not.
    var notification: UInt8?
    var notificationSize = 0
  }

  /// The resource string that finds it again. Without a serial number it
  /// fits every device of the kind.
  public var resource: Resource {
    .usb(
      vendor: identifier.vendor, product: identifier.product, serial: serial,
      interface: number == 0 ? nil : number)
  }

  /// Whether it can be opened. The kernel's own driver is no hindrance: it is
  /// detached for as long as a link is open.
  public var access: DeviceAccess {
    let access = DeviceAccess(node: node)
    return access == .free && driver == "usbfs" ? .busy(by: nil) : access
  }

  /// Every USBTMC interface that is plugged in. Opens nothing.
  ///
  /// - Throws: ``LinkError`` where USB cannot be asked.
  public static func all() throws(LinkError) -> [USBInterface] {
    var found: [USBInterface] = []
    try USBSystem().forEachDevice { found += Self.interfaces(of: $0) }
    return found.sorted { ($0.node, $0.number) < ($1.node, $1.number) }
  }

  /// Those of one device.
  static func interfaces(of device: OpaquePointer) -> [USBInterface] {
    var descriptor = libusb_device_descriptor()
    guard libusb_get_device_descriptor(device, &descriptor) == 0 else { return [] }
    var raw: UnsafeMutablePointer<libusb_config_descriptor>?
    guard libusb_get_active_config_descriptor(device, &raw) == 0, let raw else { return [] }
    defer { libusb_free_config_descriptor(raw) }
    let folder = systemFolder(of: device)
    return (0..<Int(raw.pointee.bNumInterfaces)).compactMap { index in
      let setting = raw.pointee.interface[index]
      guard setting.num_altsetting > 0, let interface = setting.altsetting?.pointee,
        interface.bInterfaceClass == 0xFE, interface.bInterfaceSubClass == 3,
        let endpoints = Endpoints(interface)
      else { return nil }
      let name = (folder as NSString).lastPathComponent
      let configuration = raw.pointee.bConfigurationValue
      let number = interface.bInterfaceNumber
      return USBInterface(
        identifier: USBIdentifier(vendor: descriptor.idVendor, product: descriptor.idProduct),
        number: number, isUSB488: interface.bInterfaceProtocol == 1,
        manufacturer: attribute("manufacturer", folder), product: attribute("product", folder),
        serial: attribute("serial", folder),
        node: "/dev/bus/usb/\(digits(libusb_get_bus_number(device)))"
          + "/\(digits(libusb_get_device_address(device)))",
        driver: DeviceAccess.linkTarget("\(folder)/\(name):\(configuration).\(number)/driver")
          .map { ($0 as NSString).lastPathComponent }, endpoints: endpoints)
    }
  }

  /// Where Linux shows the device: named by its bus and the ports on the way
  /// to it (Linux, Documentation/ABI/testing/sysfs-bus-usb).
  private static func systemFolder(of device: OpaquePointer) -> String {
    var ports = [UInt8](repeating: 0, count: 7)
    let count = Int(libusb_get_port_numbers(device, &ports, Int32(ports.count)))
    let bus = libusb_get_bus_number(device)
    let path = ports.prefix(max(count, 0)).map(String.init).joined(separator: ".")
    return "/sys/bus/usb/devices/" + (path.isEmpty ? "usb\(bus)" : "\(bus)-\(path)")
  }

  private static func attribute(_ name: String, _ folder: String) -> String? {
    guard let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) else {
      return nil
    }
    let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return value.isEmpty ? nil : value
  }

  private static func digits(_ number: UInt8) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 3 - digits.count) + digits
  }
}

extension USBInterface.Endpoints {
  /// Those that USBTMC needs; nil without them.
  fileprivate init?(_ interface: libusb_interface_descriptor) {
    for index in 0..<Int(interface.bNumEndpoints) {
      let endpoint = interface.endpoint[index]
      let isInput = endpoint.bEndpointAddress & 0x80 != 0
      switch (endpoint.bmAttributes & 3, isInput) {
      case (2, false): output = endpoint.bEndpointAddress
      case (2, true):
        input = endpoint.bEndpointAddress
        packet = Int(endpoint.wMaxPacketSize & 0x7FF)
      case (3, true):
        notification = endpoint.bEndpointAddress
        notificationSize = Int(endpoint.wMaxPacketSize & 0x7FF)
      default: break
      }
    }
    guard output != 0, input != 0, packet > 0 else { return nil }
  }
}

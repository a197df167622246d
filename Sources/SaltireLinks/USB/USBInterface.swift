import CUSB
import Foundation

/// A USBTMC interface of a device, as libusb describes it without opening it.
struct USBInterface {
  var identifier: USBIdentifier
  /// The number of the interface in its device.
  var number: UInt8
  /// The device's serial number, if it has one.
  var serial: String?
  /// The device file.
  var node: String
  var endpoints: Endpoints

  /// Endpoint addresses and packet sizes.
  struct Endpoints {
    var output: UInt8 = 0
    var input: UInt8 = 0
    var packet = 0
    /// The interrupt endpoint; nil if the device has none.
    var notification: UInt8?
    var notificationSize = 0
  }

  /// The resource name that finds it again.
  var resource: Resource {
    identifier.resource(serial: serial, interface: number)
  }

  /// The USBTMC interfaces of one device.
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
      return USBInterface(
        identifier: USBIdentifier(vendor: descriptor.idVendor, product: descriptor.idProduct),
        number: interface.bInterfaceNumber, serial: serial(folder),
        node: node(
          bus: Int(libusb_get_bus_number(device)), device: Int(libusb_get_device_address(device))),
        endpoints: endpoints)
    }
  }

  /// The sysfs folder of the device, named by its bus and port path (Linux,
  /// Documentation/ABI/testing/sysfs-bus-usb).
  private static func systemFolder(of device: OpaquePointer) -> String {
    var ports = [UInt8](repeating: 0, count: 7)
    let count = Int(libusb_get_port_numbers(device, &ports, Int32(ports.count)))
    let bus = libusb_get_bus_number(device)
    let path = ports.prefix(max(count, 0)).map(String.init).joined(separator: ".")
    return "/sys/bus/usb/devices/" + (path.isEmpty ? "usb\(bus)" : "\(bus)-\(path)")
  }

  private static func serial(_ folder: String) -> String? {
    guard let text = try? String(contentsOfFile: "\(folder)/serial", encoding: .utf8) else {
      return nil
    }
    let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return value.isEmpty ? nil : value
  }

  /// The device file, with three-digit numbers.
  static func node(bus: Int, device: Int) -> String {
    String(format: "/dev/bus/usb/%03d/%03d", bus, device)
  }
}

extension USBInterface.Endpoints {
  /// The endpoints that USBTMC requires; nil if any is missing.
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

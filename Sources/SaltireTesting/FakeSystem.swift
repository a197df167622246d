import Foundation

/// A folder with the kernel's files about devices and programs, for `HostSystem(root:)`.
public struct FakeSystem {
  public let folder: TemporaryFolder

  /// - Throws: errors of the file system.
  public init() throws { folder = try TemporaryFolder() }

  public var root: String { folder.url.path }

  /// A serial port of a USB device: ttyUSB0 of `0403:6001`.
  ///
  /// - Throws: errors of the file system.
  public func addSerialPort(_ name: String, vendor: String, product: String) throws {
    let device = "sys/devices/usb1/1-\(name)"
    try add(device, vendor, product, title: "FT232R USB UART", number: 2)
    try write("", "\(device)/1-2:1.0/\(name)/port_number")
    try link("sys/class/tty/\(name)/device", to: "../../../devices/usb1/1-\(name)/1-2:1.0/\(name)")
    try link("dev/serial/by-id/usb-FTDI_\(name)", to: "../../\(name)")
    try write("", "dev/\(name)")
  }

  /// A built-in serial port, or only a reserved number for one.
  ///
  /// - Throws: errors of the file system.
  public func addSerialPort(_ name: String, isThere: Bool) throws {
    try write(isThere ? "4\n" : "0\n", "sys/class/tty/\(name)/type")
    try write("", "dev/\(name)")
  }

  /// A USB device with one interface, USBTMC or another.
  ///
  /// - Throws: errors of the file system.
  public func addInstrument(
    vendor: String, product: String, number: Int, isUSBTMC: Bool = true, hasFile: Bool = true,
    driver: String? = nil
  ) throws {
    let device = "sys/devices/usb1/1-\(number)"
    try add(device, vendor, product, title: "Instrument", number: number)
    let interface = "1-\(number):1.0"
    try write(isUSBTMC ? "fe\n" : "03\n", "\(device)/\(interface)/bInterfaceClass")
    try write(isUSBTMC ? "03\n" : "01\n", "\(device)/\(interface)/bInterfaceSubClass")
    try write("00\n", "\(device)/\(interface)/bInterfaceNumber")
    try link(
      "sys/bus/usb/devices/\(interface)", to: "../../../devices/usb1/1-\(number)/\(interface)")
    try link("sys/bus/usb/devices/1-\(number)", to: "../../../devices/usb1/1-\(number)")
    if let driver {
      try link("\(device)/\(interface)/driver", to: "../../../../bus/usb/drivers/\(driver)")
    }
    if hasFile { try write("", "dev/bus/usb/001/00\(number)") }
  }

  /// A running program and its open files.
  ///
  /// - Throws: errors of the file system.
  public func addProcess(_ number: Int, _ name: String, open files: [String] = []) throws {
    try write("\(name)\n", "proc/\(number)/comm")
    for (index, file) in files.enumerated() {
      try link("proc/\(number)/fd/\(index)", to: file)
    }
  }

  // MARK: Inside

  private func add(
    _ device: String, _ vendor: String, _ product: String, title: String, number: Int
  ) throws {
    let attributes = [
      "idVendor": vendor, "idProduct": product, "manufacturer": "Acme", "product": title,
      "serial": "A\(number)", "busnum": "1", "devnum": "\(number)",
    ]
    for (name, value) in attributes { try write(value + "\n", "\(device)/\(name)") }
  }

  private func write(_ text: String, _ path: String) throws {
    try makeFolder(of: path)
    _ = try folder.write(text, path)
  }

  private func link(_ path: String, to target: String) throws {
    try makeFolder(of: path)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path(path), withDestinationPath: target)
  }

  private func makeFolder(of path: String) throws {
    try FileManager.default.createDirectory(
      at: folder[path].deletingLastPathComponent(), withIntermediateDirectories: true)
  }
}

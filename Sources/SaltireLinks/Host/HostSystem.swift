import Foundation

/// The ports of this computer and the programs that use them, as the system reports them.
///
/// No port is opened: that would change the control lines of a serial port, to which some
/// instruments and adapters react.
public struct HostSystem: Sendable {
  private let root: String

  /// - Parameter root: the root of the file system; another folder in tests.
  public init(root: String = "/") { self.root = root.hasSuffix("/") ? root : root + "/" }

  /// Serial ports first, by path.
  public var ports: [HostPort] { serialPorts + usbtmcInterfaces }

  // MARK: Serial ports

  private var serialPorts: [HostPort] {
    let aliases = Dictionary(
      entries("dev/serial/by-id").compactMap { name in
        link("dev/serial/by-id/\(name)").map { (Self.last($0), "/dev/serial/by-id/\(name)") }
      }, uniquingKeysWith: { first, _ in first })
    // From sysfs, because containers may show device files of ports that they do not have.
    return entries("sys/class/tty").filter(isPort).sorted().map { name in
      let device = usbDevice(above: "sys/class/tty/\(name)/device")
      return HostPort(
        kind: .serial, path: "/dev/\(name)", alias: aliases[name], name: device?.name ?? "",
        usb: device?.identifier, serial: device?.serial, access: access("dev/\(name)"))
    }
  }

  /// Whether there is a port of that name, rather than only a reserved device number.
  private func isPort(_ name: String) -> Bool {
    if name.hasPrefix("ttyUSB") || name.hasPrefix("ttyACM") { return true }
    // Most of the 32 numbered ports of a PC do not exist.
    return name.hasPrefix("ttyS") && (text("sys/class/tty/\(name)/type") ?? "0") != "0"
  }

  // MARK: USB

  private var usbtmcInterfaces: [HostPort] {
    let devices = "sys/bus/usb/devices"
    return entries(devices).sorted().compactMap { name in
      let interface = "\(devices)/\(name)"
      guard text("\(interface)/bInterfaceClass") == "fe",
        text("\(interface)/bInterfaceSubClass") == "03",
        let device = usbDevice(above: interface), let path = device.path
      else { return nil }
      return HostPort(
        kind: .usbtmc, path: path, name: device.name, usb: device.identifier,
        serial: device.serial,
        interface: text("\(interface)/bInterfaceNumber").flatMap { UInt8($0, radix: 16) },
        driver: link("\(interface)/driver").map(Self.last),
        access: access(String(path.dropFirst())))
    }
  }

  private struct USBDevice {
    var identifier: USBIdentifier?
    var name: String
    var serial: String?
    /// Its file.
    var path: String?
  }

  /// The USB device that contains a node of the device tree.
  private func usbDevice(above place: String) -> USBDevice? {
    var folder = URL(fileURLWithPath: root + place).resolvingSymlinksInPath()
    while folder.path.contains("/sys/") {
      func attribute(_ name: String) -> String? { Self.text(folder.path + "/" + name) }
      if let vendor = attribute("idVendor"), let product = attribute("idProduct") {
        let bus = attribute("busnum").flatMap { Int($0) }
        let number = attribute("devnum").flatMap { Int($0) }
        var path: String?
        if let bus, let number {
          path = USBInterface.node(bus: bus, device: number)
        }
        let name = [attribute("manufacturer"), attribute("product")]
        return USBDevice(
          identifier: USBIdentifier("\(vendor):\(product)"),
          name: name.compactMap(\.self).joined(separator: " "), serial: attribute("serial"),
          path: path)
      }
      folder.deleteLastPathComponent()
    }
    return nil
  }

  // MARK: Programs

  /// The process ids of the programs with this name.
  public func processes(named name: String) -> [Int] {
    processes.filter { text("proc/\($0)/comm") == name }
  }

  /// The programs that have a device file open under any name, such as "minicom (1234)": only this
  /// user's programs, except for the superuser.
  ///
  /// - Parameter own: a process id to ignore, together with the program at the other end of a
  ///   pseudo-terminal.
  public func holders(of path: String, but own: Int32? = nil) -> [String] {
    let actual =
      "/"
      + URL(fileURLWithPath: root + path).resolvingSymlinksInPath().path
      .dropFirst(root.count)
    return processes.filter { number in
      guard own.map({ Int($0) != number }) ?? true else { return false }
      let files = entries("proc/\(number)/fd")
      return files.contains { link("proc/\(number)/fd/\($0)") == actual }
        && (own == nil || !files.contains { isOtherEnd($0, of: number, actual) })
    }.map { "\(text("proc/\($0)/comm") ?? "process") (\($0))" }
  }

  /// Whether a descriptor is the master of the pseudo-terminal at `path` (proc_pid_fdinfo(5)).
  private func isOtherEnd(_ descriptor: String, of process: Int, _ path: String) -> Bool {
    guard path.hasPrefix("/dev/pts/"),
      link("proc/\(process)/fd/\(descriptor)")?.hasSuffix("ptmx") == true,
      let facts = try? String(
        contentsOfFile: root + "proc/\(process)/fdinfo/\(descriptor)", encoding: .utf8)
    else { return false }
    return facts.split(separator: "\n").contains { line in
      line.hasPrefix("tty-index:")
        && line.split(whereSeparator: \.isWhitespace).last == path.split(separator: "/").last
    }
  }

  private var processes: [Int] { entries("proc").compactMap { Int($0) }.sorted() }

  // MARK: Files

  private func access(_ path: String) -> HostPort.Access {
    var facts = stat()
    guard stat(root + path, &facts) == 0 else { return .missing }
    if Foundation.access(root + path, R_OK | W_OK) == 0 { return .allowed }
    let group = facts.st_mode & 0o060 == 0o060 && facts.st_gid != 0 ? getgrgid(facts.st_gid) : nil
    return .denied(group: group.map { String(cString: $0.pointee.gr_name) })
  }

  /// Names of what is in a folder; none where there is no such folder.
  private func entries(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []
  }

  /// What a link says; nil for what is none.
  private func link(_ path: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: root + path)
  }

  private func text(_ path: String) -> String? { Self.text(root + path) }

  /// The first line of a file.
  private static func text(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").first
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static func last(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}

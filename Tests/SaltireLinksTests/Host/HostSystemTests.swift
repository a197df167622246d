import CPtyShim
import Foundation
@testable import SaltireLinks
import SaltireTesting
import Testing

@Suite struct HostSystemTests {
  private let system: FakeSystem
  private var host: HostSystem { HostSystem(root: system.root) }

  init() throws { system = try FakeSystem() }

  @Test func portsAreFoundWithWhatTheyAre() throws {
    try system.addSerialPort("ttyUSB0", vendor: "0403", product: "6001")
    try system.addSerialPort("ttyS0", isThere: true)
    try system.addSerialPort("ttyS1", isThere: false)
    try system.addInstrument(vendor: "05e6", product: "2636", number: 7, driver: "usbtmc")
    try system.addInstrument(vendor: "046d", product: "c077", number: 8, isUSBTMC: false)
    #expect(
      host.ports == [
        HostPort(
          kind: .serial, path: "/dev/ttyS0", alias: nil, name: "", usb: nil, driver: nil,
          access: .allowed),
        HostPort(
          kind: .serial, path: "/dev/ttyUSB0", alias: "/dev/serial/by-id/usb-FTDI_ttyUSB0",
          name: "Acme FT232R USB UART", usb: USBIdentifier(vendor: 0x0403, product: 0x6001),
          serial: "A2", driver: nil, access: .allowed),
        HostPort(
          kind: .usbtmc, path: "/dev/bus/usb/001/007", alias: nil, name: "Acme Instrument",
          usb: USBIdentifier(vendor: 0x05E6, product: 0x2636), serial: "A7", interface: 0,
          driver: "usbtmc",
          access: .allowed),
      ])
  }

  @Test func aSystemWithoutAnythingHasNothing() {
    #expect(host.ports == [])
    #expect(host.processes(named: "init") == [])
    #expect(host.holders(of: "/dev/ttyUSB0") == [])
  }

  @Test func aDeviceWithoutAFileIsMissing() throws {
    try system.addInstrument(vendor: "05e6", product: "2636", number: 7, hasFile: false)
    #expect(host.ports.map(\.access) == [.missing])
  }

  @Test func programsAreFoundByNameAndByWhatTheyHaveOpen() throws {
    try system.addProcess(42, "minicom", open: ["/dev/tty1", "/dev/ttyUSB0"])
    try system.addProcess(7, "brltty")
    try system.addProcess(9, "brltty", open: ["/dev/ttyUSB1"])
    #expect(host.processes(named: "brltty") == [7, 9])
    #expect(host.processes(named: "brl") == [])
    #expect(host.holders(of: "/dev/ttyUSB0") == ["minicom (42)"])
    #expect(host.holders(of: "/dev/ttyUSB") == [])
    try system.addSerialPort("ttyUSB0", vendor: "0403", product: "6001")
    #expect(host.holders(of: "/dev/serial/by-id/usb-FTDI_ttyUSB0") == ["minicom (42)"])
  }

  /// On this computer, whatever it is: nothing of it makes it fail.
  @Test func theRealSystemIsRead() {
    let host = HostSystem()
    #expect(host.ports.allSatisfy { $0.path.hasPrefix("/dev/") })
    let own = try? String(contentsOfFile: "/proc/self/comm", encoding: .utf8)
    let name = own?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    #expect(host.processes(named: name).contains(Int(getpid())))
  }
}

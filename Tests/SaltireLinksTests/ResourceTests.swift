import SaltireCore
import SaltireLinks
import Testing

@Suite struct ResourceTests {
  @Test(arguments: [
    ("ASRL/dev/ttyUSB0::INSTR", Resource.serial(port: "/dev/ttyUSB0")),
    ("asrl2::instr", .serial(port: "/dev/ttyS1")),
    ("TCPIP0::192.168.1.5::5025::SOCKET", .socket(host: "192.168.1.5", port: 5025)),
    ("TCPIP::lab-smu.local::0x13A1::SOCKET", .socket(host: "lab-smu.local", port: 5025)),
    ("TCPIP0::[fe80::1]::5025::SOCKET", .socket(host: "fe80::1", port: 5025)),
    ("tcpip::[fe80::1%eth0]::5025::socket", .socket(host: "fe80::1%eth0", port: 5025)),
    ("TCPIP::[lab-smu]::5025::SOCKET", .socket(host: "lab-smu", port: 5025)),
    (" \tASRL/dev/ttyUSB0::INSTR \r\n", .serial(port: "/dev/ttyUSB0")),
    ("ASRL/dev/ttyUSB0", .serial(port: "/dev/ttyUSB0")), ("asrl1", .serial(port: "/dev/ttyS0")),
    (
      "USB0::0x05E6::0x2612::4012345::INSTR",
      .usb(vendor: 0x05E6, product: 0x2612, serial: "4012345", interface: nil)
    ),
    (
      "USB::1510::9746::INSTR",
      .usb(vendor: 0x05E6, product: 0x2612, serial: nil, interface: nil)
    ),
    (
      "USB0::0x0957::0x2807::MY1::1::INSTR",
      .usb(vendor: 0x0957, product: 0x2807, serial: "MY1", interface: 1)
    ),
    (
      "usb0::0x0957::0x2807::MY1::1",
      .usb(vendor: 0x0957, product: 0x2807, serial: "MY1", interface: 1)
    ),
    ("USB::0x0957::0x2807", .usb(vendor: 0x0957, product: 0x2807, serial: nil, interface: nil)),
    ("GPIB0::24", .gpib(board: 0, address: GPIBAddress(primary: 24)!)),
    ("GPIB1::5::96", .gpib(board: 1, address: GPIBAddress(primary: 5, secondary: 96)!)),
    ("GPIB0::24::INSTR", .gpib(board: 0, address: GPIBAddress(primary: 24)!)),
    ("gpib1::5::96::INSTR", .gpib(board: 1, address: GPIBAddress(primary: 5, secondary: 96)!)),
    ("GPIB::5::0::INSTR", .gpib(board: 0, address: GPIBAddress(primary: 5, secondary: 96)!)),
    ("sim:keithley/2636b", .simulated(family: "keithley/2636b")),
    (" SIM:keithley/2636b", .simulated(family: "keithley/2636b")),
  ])
  func reads(text: String, resource: Resource) throws {
    #expect(try Resource(parsing: text) == resource)
    #expect(try Resource(parsing: resource.description) == resource)
  }

  @Test(arguments: [
    ("", "it to begin with"), ("COM1", "it to begin with"), ("sim:", "a family"),
    ("ASRL/dev/ttyUSB0::SOCKET", "::INSTR"), ("ASRL::INSTR", "a device file"),
    ("ASRL/dev/ttyUSB0:", "to end with"), ("TCPIP0::host::5025", "::SOCKET"),
    ("TCPIP0::fe80::1::5025::SOCKET", "[fe80::1%eth0]"),
    ("TCPIP0::[fe80::1::5025::SOCKET", "::SOCKET"), ("TCPIP0::[]::5025::SOCKET", "in brackets"),
    ("GPIB0::5::INSTR::96", "GPIB0::24"), ("USB0::1::INSTR", "USB0::0x05E6"),
    ("ASRL0::INSTR", "from ASRL1"), ("TCPIP0::host::99999::SOCKET", "a port"),
    ("TCPIP0::host::0::SOCKET", "a port"),
    ("TCPIP0::::5025::SOCKET", "::SOCKET"), ("USB0::0x1G::1::INSTR", "a vendor id"),
    ("USB0::1::-2::INSTR", "a product id"), ("GPIB0::31::INSTR", "0 to 30"),
    ("GPIB0::5::31::INSTR", "96 to 126"),
    ("GPIBx::3::INSTR", "a board number"),
  ])
  func refuses(text: String, expected: String) {
    let error = #expect(throws: ResourceError.self) { try Resource(parsing: text) }
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
  }

  /// Forms of VISA that are not spoken say what can be done instead.
  @Test(arguments: [
    ("TCPIP0::10.0.0.5::INSTR", "VXI-11", "TCPIP0::10.0.0.5::5025::SOCKET"),
    ("TCPIP0::10.0.0.5", "VXI-11", "TCPIP0::10.0.0.5::5025::SOCKET"),
    ("tcpip::smu::inst0::instr", "VXI-11", "TCPIP0::smu::5025::SOCKET"),
    ("TCPIP0::smu::hislip0::INSTR", "HiSLIP", "TCPIP0::smu::5025::SOCKET"),
    ("TCPIP0::[fe80::1]::hislip0,4880", "HiSLIP", "TCPIP0::[fe80::1]::5025::SOCKET"),
    ("USB0::0x0957::0x2807::MY1::RAW", "a USB device without USBTMC", "::INSTR"),
    ("GPIB0::INTFC", "a GPIB board", "GPIB0::24::INSTR"), ("PXI0::15::INSTR", "PXI", "TCPIP"),
    ("VXI0::1::INSTR", "VXI", "TCPIP"), ("GPIB-VXI0::1::INSTR", "VXI", "TCPIP"),
    ("FIREWIRE0::0x1::0x2::0::INSTR", "FireWire", "TCPIP"),
  ])
  func namesWhatIsNotSpoken(text: String, interface: String, instead: String) {
    let error = #expect(throws: ResourceError.self) { try Resource(parsing: text) }
    #expect(error?.message.contains("an address of \(interface), which") == true)
    #expect(error?.hints.count == 1 && error?.hints[0].contains(instead) == true)
  }

  /// What reads at all reads back from its own text, and nothing traps.
  @Test func survivesAnyText() throws {
    let parts = [
      "ASRL", "TCPIP", "USB", "GPIB0", "::", "INSTR", "SOCKET", "0x", "5025", "1", "/dev/x", "[",
      "]", ":", "é", "\u{0}", "+1", "99999999999999999999", " ", "%eth0", "RAW", "sim:", "PXI",
    ]
    var random = RandomStream(seed: 31)
    for _ in 0..<20_000 {
      let text = (0..<(1 + random.next() % 8)).map { _ in
        parts[Int(random.next() % UInt64(parts.count))]
      }.joined()
      guard let resource = try? Resource(parsing: text) else { continue }
      #expect(try Resource(parsing: resource.description) == resource, "\(text)")
    }
  }

  /// The same for valid strings with a few characters changed, which come
  /// further.
  @Test func survivesMutations() throws {
    let valid = [
      "ASRL/dev/ttyUSB0::INSTR", "ASRL12::INSTR", "TCPIP0::192.168.1.5::5025::SOCKET",
      "TCPIP::[fe80::1]::0x13A1::SOCKET", "USB0::0x05E6::0x2612::4012345::INSTR",
      "USB::1510::9746::MY1::1::INSTR", "GPIB0::24::INSTR", "GPIB1::5::96::INSTR",
      "sim:keithley/2636b", "ASRL/dev/ttyUSB0", "USB0::1::2::MY1::0", "GPIB0::24",
    ]
    let inserted = Array("0123456789aAfFxX:[]/+-. \u{0}\u{e9}\u{301}\u{660}")
    var random = RandomStream(seed: 32)
    var parsed = 0
    for _ in 0..<20_000 {
      var text = Array(valid[random.index(below: valid.count)])
      for _ in 0...random.index(below: 4) {
        let place = random.index(below: text.count + 1)
        switch random.index(below: 4) {
        case 0: text.insert(inserted[random.index(below: inserted.count)], at: place)
        case 1 where place < text.count: text.remove(at: place)
        case 2 where place < text.count: text.insert(contentsOf: text[place...], at: place)
        case 3: text.removeSubrange(place...)
        default: break
        }
      }
      guard let resource = try? Resource(parsing: String(text)) else { continue }
      parsed += 1
      #expect(try Resource(parsing: resource.description) == resource, "\(String(text))")
    }
    // Otherwise it would be about errors only.
    #expect(parsed > 2000)
  }
}

extension RandomStream {
  fileprivate mutating func index(below count: Int) -> Int { Int(next() % UInt64(count)) }
}

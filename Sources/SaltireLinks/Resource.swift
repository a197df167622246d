/// The address of an instrument, as a VISA resource name (VPP-4.3), plus `sim:` for simulated ones.
public enum Resource: Sendable, Hashable, CustomStringConvertible {
  /// `ASRL/dev/ttyUSB0::INSTR`: a serial port by its device file.
  case serial(port: String)
  /// `TCPIP0::192.168.1.5::5025::SOCKET`: a raw socket. An IPv6 address is in brackets in the
  /// resource name, and without them here.
  case socket(host: String, port: UInt16)
  /// `USB0::0x05E6::0x2612::4012345::0::INSTR`: a USBTMC interface. Without a serial number or
  /// interface, the only matching one.
  case usb(vendor: UInt16, product: UInt16, serial: String?, interface: UInt8?)
  /// `GPIB0::24::INSTR`, through an adapter that is given elsewhere.
  case gpib(board: UInt8, address: GPIBAddress)
  /// `sim:keithley/2636b`: a simulated instrument of a family.
  case simulated(family: String)

  /// The resource name that parses to this resource.
  public var description: String {
    switch self {
    case .serial(let port): "ASRL\(port)::INSTR"
    case .socket(let host, let port):
      "TCPIP0::\(host.contains(":") ? "[\(host)]" : host)::\(port)::SOCKET"
    case .usb(let vendor, let product, let serial, let interface):
      "USB0::0x\(USBIdentifier.digits(vendor))::0x\(USBIdentifier.digits(product))"
        + (serial != nil || interface != nil ? "::\(serial ?? "")" : "")
        + (interface.map { "::\($0)" } ?? "") + "::INSTR"
    case .gpib(let board, let address):
      "GPIB\(board)::\(address.primary)\(address.secondary.map { "::\($0)" } ?? "")::INSTR"
    case .simulated(let family): "sim:\(family)"
    }
  }
}

/// Why a text is not the address of an instrument that can be used.
public struct ResourceError: Error, Equatable, Sendable {
  public let text: String
  /// What was expected; for an address of another kind, what that kind is.
  public let reason: Reason

  public enum Reason: Equatable, Sendable {
    /// It is not a resource name.
    case expected(String)
    /// It is one of an interface that is not supported; `instead` is what can be done.
    case unsupported(String, instead: String)
  }

  /// The error as one sentence.
  public var message: String {
    switch reason {
    case .expected(let what): "'\(text)' is not a resource name: expected \(what)"
    case .unsupported(let interface, _):
      "'\(text)' is an address of \(interface), which saltire does not support"
    }
  }

  public var hints: [String] {
    if case .unsupported(_, let instead) = reason { [instead] } else { [] }
  }
}

/// The address of an instrument, as a VISA resource name (VPP-4.3), plus `sim:` for simulated ones.
public enum Resource: Sendable, Hashable, CustomStringConvertible {
  /// `ASRL/dev/ttyUSB0::INSTR`: a serial port by its device file.
  case serial(port: String)
  /// `TCPIP0::192.168.1.5::5025::SOCKET`: a raw socket.
  case socket(host: String, port: UInt16)
  /// `USB0::0x05E6::0x2612::4012345::0::INSTR`: a USBTMC interface. Without a serial number or
  /// interface, the only matching one.
  case usb(vendor: UInt16, product: UInt16, serial: String?, interface: UInt8?)
  /// `GPIB0::24::INSTR`, through an adapter that is given elsewhere.
  case gpib(board: UInt8, address: GPIBAddress)
  /// `sim:keithley/2636b`: a simulated instrument of a family.
  case simulated(family: String)

  /// Parses a resource name. Keywords are case-insensitive; numbers are decimal or, with 0x,
  /// hexadecimal.
  ///
  /// - Throws: ``ResourceError`` with what was expected.
  public init(parsing text: String) throws(ResourceError) {
    if text.hasPrefix("sim:") {
      let family = String(text.dropFirst(4))
      guard !family.isEmpty else {
        throw ResourceError(text, "a family, such as sim:keithley/2636b")
      }
      self = .simulated(family: family)
      return
    }
    let fields = Self.fields(text)
    let head = fields[0].uppercased()
    let kind = fields.count > 1 ? fields[fields.count - 1].uppercased() : ""
    if head.hasPrefix("ASRL") {
      try Self.expect(fields.count == 2 && kind == "INSTR", text, "ASRL/dev/ttyUSB0::INSTR")
      self = .serial(port: try Self.port(String(fields[0].dropFirst(4)), in: text))
    } else if head.hasPrefix("TCPIP") {
      try Self.expect(
        fields.count == 4 && kind == "SOCKET" && !fields[1].isEmpty, text,
        "TCPIP0::192.168.1.5::5025::SOCKET")
      _ = try Self.board(fields[0], keyword: 5, in: text)
      let port: UInt16 = try Self.number(fields[2], "a port from 1 to 65535", in: text)
      try Self.expect(port > 0, text, "a port from 1 to 65535")
      self = .socket(host: fields[1], port: port)
    } else if head.hasPrefix("USB") {
      try Self.expect(
        (4...6).contains(fields.count) && kind == "INSTR", text,
        "USB0::0x05E6::0x2612::SERIAL::INSTR")
      _ = try Self.board(fields[0], keyword: 3, in: text)
      let serial = fields.count > 4 ? fields[3] : ""
      self = .usb(
        vendor: try Self.number(fields[1], "a vendor id, such as 0x05E6", in: text),
        product: try Self.number(fields[2], "a product id, such as 0x2612", in: text),
        serial: serial.isEmpty ? nil : serial,
        interface: fields.count == 6
          ? try Self.number(fields[4], "an interface number", in: text) : nil)
    } else if head.hasPrefix("GPIB") {
      try Self.expect(
        (3...4).contains(fields.count) && kind == "INSTR", text, "GPIB0::24::INSTR")
      let primary: UInt8 = try Self.number(fields[1], Self.primary, in: text)
      let secondary: UInt8? =
        fields.count == 4 ? try Self.number(fields[2], Self.secondary, in: text) : nil
      guard let address = GPIBAddress(primary: primary, secondary: secondary) else {
        throw ResourceError(text, primary > 30 ? Self.primary : Self.secondary)
      }
      self = .gpib(board: try Self.board(fields[0], keyword: 4, in: text), address: address)
    } else {
      throw ResourceError(text, "it to begin with ASRL, TCPIP, USB, GPIB or sim:")
    }
  }

  /// The resource name that parses to this resource.
  public var description: String {
    switch self {
    case .serial(let port): "ASRL\(port)::INSTR"
    case .socket(let host, let port): "TCPIP0::\(host)::\(port)::SOCKET"
    case .usb(let vendor, let product, let serial, let interface):
      "USB0::0x\(USBIdentifier.digits(vendor))::0x\(USBIdentifier.digits(product))"
        + (serial != nil || interface != nil ? "::\(serial ?? "")" : "")
        + (interface.map { "::\($0)" } ?? "") + "::INSTR"
    case .gpib(let board, let address):
      "GPIB\(board)::\(address.primary)\(address.secondary.map { "::\($0)" } ?? "")::INSTR"
    case .simulated(let family): "sim:\(family)"
    }
  }

  // MARK: Inside

  private static let primary = "an address from 0 to 30"
  private static let secondary = "a secondary address from 0 to 30, or from 96 to 126"

  /// The parts between `::`; an IPv6 address in brackets is one part.
  private static func fields(_ text: String) -> [String] {
    var fields = [""]
    var inBrackets = false
    var rest = text[...]
    while let first = rest.first {
      if !inBrackets, rest.hasPrefix("::") {
        fields.append("")
        rest = rest.dropFirst(2)
        continue
      }
      if first == "[" { inBrackets = true } else if first == "]" { inBrackets = false }
      fields[fields.count - 1].append(first)
      rest = rest.dropFirst()
    }
    return fields
  }

  private static func expect(
    _ condition: Bool, _ text: String, _ wanted: String
  ) throws(ResourceError) {
    if !condition { throw ResourceError(text, wanted) }
  }

  private static func number<Number: FixedWidthInteger>(
    _ field: String, _ wanted: String, in text: String
  ) throws(ResourceError) -> Number {
    let isHexadecimal = field.lowercased().hasPrefix("0x")
    let digits = isHexadecimal ? String(field.dropFirst(2)) : field
    guard !digits.hasPrefix("+"), !digits.hasPrefix("-"),
      let number = Number(digits, radix: isHexadecimal ? 16 : 10)
    else { throw ResourceError(text, wanted) }
    return number
  }

  /// The number after a keyword; 0 without one.
  private static func board(
    _ field: String, keyword: Int, in text: String
  ) throws(ResourceError) -> UInt8 {
    let digits = String(field.dropFirst(keyword))
    return digits.isEmpty ? 0 : try number(digits, "a board number", in: text)
  }

  /// A device file, or ASRL1 for the first serial port.
  private static func port(_ name: String, in text: String) throws(ResourceError) -> String {
    if name.hasPrefix("/") { return name }
    let number: UInt8 = try number(name, "a device file, such as ASRL/dev/ttyUSB0::INSTR", in: text)
    try expect(number > 0, text, "a port from ASRL1")
    return "/dev/ttyS\(number - 1)"
  }
}

/// Why a text is not a resource name.
public struct ResourceError: Error, Equatable, Sendable {
  public let text: String
  /// What was expected.
  public let expected: String

  init(_ text: String, _ expected: String) {
    self.text = text
    self.expected = expected
  }

  /// The error as one sentence.
  public var message: String { "'\(text)' is not a resource name: expected \(expected)" }
}

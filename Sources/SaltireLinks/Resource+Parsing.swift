extension Resource {
  /// Parses a resource name. Keywords are case-insensitive, and blanks around the name are ignored;
  /// numbers are decimal or, with 0x, hexadecimal. As in VISA a missing board is board 0, and a
  /// missing resource class INSTR.
  ///
  /// - Throws: ``ResourceError`` with what was expected.
  public init(parsing text: String) throws(ResourceError) {
    self = try ResourceName(text).resource()
  }
}

/// A resource name in its parts.
private struct ResourceName {
  private let text: String
  /// The interface type with the board or the port.
  private let head: String
  /// The parts between the first and the resource class.
  private let fields: [String]
  /// The resource class in capitals; nil if there is none.
  private let kind: String?

  init(_ text: String) {
    let blanks = text.drop(while: \.isWhitespace)
    let end = blanks.lastIndex { !$0.isWhitespace }.map(blanks.index(after:))
    self.text = String(blanks[..<(end ?? blanks.startIndex)])
    var fields = Self.fields(self.text)
    head = fields.removeFirst()
    let last = fields.last?.uppercased()
    kind = last.flatMap { ["INSTR", "SOCKET", "RAW", "INTFC"].contains($0) ? $0 : nil }
    self.fields = kind == nil ? fields : fields.dropLast()
  }

  func resource() throws(ResourceError) -> Resource {
    let type = head.uppercased()
    if type.hasPrefix("SIM:") { return try simulated() }
    // A name that ends with a colon would be another one with its resource class.
    try expect(kind != nil || !text.hasSuffix(":"), "it to end with ::INSTR or ::SOCKET")
    if type.hasPrefix("ASRL") { return try serial() }
    if type.hasPrefix("TCPIP") { return try socket() }
    if type.hasPrefix("GPIB-VXI") { throw unsupported("VXI", instead: Self.interfaces) }
    if type.hasPrefix("GPIB") { return try gpib() }
    if type.hasPrefix("USB") { return try usb() }
    for name in ["PXI", "VXI", "FIREWIRE"] where type.hasPrefix(name) {
      throw unsupported(name == "FIREWIRE" ? "FireWire" : name, instead: Self.interfaces)
    }
    throw expected("it to begin with ASRL, TCPIP, USB, GPIB or sim:")
  }

  // MARK: Kinds

  private func simulated() throws(ResourceError) -> Resource {
    // A family has no parts: all of the text is its name.
    let family = String(text.dropFirst(4))
    try expect(!family.isEmpty, "a family, such as sim:keithley/2636b")
    return .simulated(family: family)
  }

  private func serial() throws(ResourceError) -> Resource {
    try expect(fields.isEmpty && kind ?? "INSTR" == "INSTR", "ASRL/dev/ttyUSB0::INSTR")
    let name = String(head.dropFirst(4))
    if name.hasPrefix("/") { return .serial(port: name) }
    let number: UInt8 = try number(name, "a device file, such as ASRL/dev/ttyUSB0::INSTR")
    try expect(number > 0, "a port from ASRL1")
    return .serial(port: "/dev/ttyS\(number - 1)")
  }

  private func socket() throws(ResourceError) -> Resource {
    _ = try board(after: "TCPIP")
    let host = try fields.first.map(withoutBrackets) ?? ""
    if kind ?? "INSTR" == "INSTR", !host.isEmpty, fields.count < 3, !hasPort {
      let isHiSLIP = fields.last?.lowercased().hasPrefix("hislip") == true && fields.count == 2
      throw unsupported(
        isHiSLIP ? "HiSLIP" : "VXI-11",
        instead: "most LAN instruments also accept"
          + " \(Resource.socket(host: host, port: Self.usualPort)); the manual gives the port")
    }
    try expect(
      fields.count == 2 && kind == "SOCKET" && !host.isEmpty,
      fields.count > 2
        ? "TCPIP0::192.168.1.5::5025::SOCKET, or an IPv6 address in brackets:"
          + " TCPIP0::[fe80::1%eth0]::5025::SOCKET"
        : "TCPIP0::192.168.1.5::5025::SOCKET")
    let port: UInt16 = try number(fields[1], "a port from 1 to 65535")
    try expect(port > 0, "a port from 1 to 65535")
    return .socket(host: host, port: port)
  }

  /// Whether there is a port, so that only the class SOCKET is missing.
  private var hasPort: Bool { fields.count == 2 && UInt16(fields[1]) != nil }

  /// A host, without the brackets of an IPv6 address.
  private func withoutBrackets(_ field: String) throws(ResourceError) -> String {
    let isBracketed = field.hasPrefix("[") && field.hasSuffix("]") && field.count > 2
    let host = isBracketed ? String(field.dropFirst().dropLast()) : field
    try expect(
      !host.contains { $0 == "[" || $0 == "]" }, "an IPv6 address in brackets, such as [fe80::1]")
    return host
  }

  private func usb() throws(ResourceError) -> Resource {
    if kind == "RAW" {
      throw unsupported(
        "a USB device without USBTMC", instead: "if it is a USBTMC instrument, use ::INSTR")
    }
    try expect(
      (2...4).contains(fields.count) && kind ?? "INSTR" == "INSTR",
      "USB0::0x05E6::0x2612::SERIAL::INSTR")
    _ = try board(after: "USB")
    let serial = fields.count > 2 ? fields[2] : ""
    return .usb(
      vendor: try number(fields[0], "a vendor id, such as 0x05E6"),
      product: try number(fields[1], "a product id, such as 0x2612"),
      serial: serial.isEmpty ? nil : serial,
      interface: fields.count == 4 ? try number(fields[3], "an interface number") : nil)
  }

  private func gpib() throws(ResourceError) -> Resource {
    if kind == "INTFC" {
      throw unsupported("a GPIB board", instead: "give an instrument, such as GPIB0::24::INSTR")
    }
    try expect(
      (1...2).contains(fields.count) && kind ?? "INSTR" == "INSTR", "GPIB0::24::INSTR")
    let (low, high) = (
      "an address from 0 to 30", "a secondary address from 0 to 30, or from 96 to 126"
    )
    let primary: UInt8 = try number(fields[0], low)
    let secondary: UInt8? = fields.count == 2 ? try number(fields[1], high) : nil
    guard let address = GPIBAddress(primary: primary, secondary: secondary) else {
      throw expected(primary > 30 ? low : high)
    }
    return .gpib(board: try board(after: "GPIB"), address: address)
  }

  // MARK: Inside

  /// The port of SCPI on a raw socket.
  private static let usualPort: UInt16 = 5025
  private static let interfaces =
    "saltire uses serial ports (ASRL), USBTMC (USB), TCP sockets (TCPIP), and GPIB behind a"
    + " Prologix adapter"

  /// The parts between `::`; an IPv6 address in brackets is one part.
  private static func fields(_ text: String) -> [String] {
    let hasHost = text.lowercased().hasPrefix("tcpip")
    var fields = [""]
    var inBrackets = false
    var rest = text[...]
    while let first = rest.first {
      if !inBrackets, rest.hasPrefix("::") {
        fields.append("")
        rest = rest.dropFirst(2)
        continue
      }
      if first == "[", hasHost { inBrackets = true } else if first == "]" { inBrackets = false }
      fields[fields.count - 1].append(first)
      rest = rest.dropFirst()
    }
    return fields
  }

  private func expected(_ what: String) -> ResourceError {
    ResourceError(text: text, reason: .expected(what))
  }

  private func unsupported(_ interface: String, instead: String) -> ResourceError {
    ResourceError(text: text, reason: .unsupported(interface, instead: instead))
  }

  private func expect(_ condition: Bool, _ wanted: String) throws(ResourceError) {
    if !condition { throw expected(wanted) }
  }

  private func number<Number: FixedWidthInteger>(
    _ field: String, _ wanted: String
  ) throws(ResourceError) -> Number {
    let isHexadecimal = field.lowercased().hasPrefix("0x")
    let digits = isHexadecimal ? String(field.dropFirst(2)) : field
    guard !digits.hasPrefix("+"), !digits.hasPrefix("-"),
      let number = Number(digits, radix: isHexadecimal ? 16 : 10)
    else { throw expected(wanted) }
    return number
  }

  /// The number after a keyword; 0 without one.
  private func board(after keyword: String) throws(ResourceError) -> UInt8 {
    let digits = String(head.dropFirst(keyword.count))
    return digits.isEmpty ? 0 : try number(digits, "a board number")
  }
}

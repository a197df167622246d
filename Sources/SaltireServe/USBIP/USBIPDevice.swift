import SaltireLinks

/// A simulated USB device that a Linux kernel attaches over TCP, for one client after another
/// (Linux, Documentation/usb/usbip_protocol.rst).
final class USBIPDevice {
  fileprivate var function: USBTMCFunction
  fileprivate var isAttached = false

  /// Its bus id.
  static let bus = "1-1"
  /// Bus 1, device 2; high speed.
  fileprivate static let (busNumber, deviceNumber, speed) = (UInt32(1), UInt32(2), UInt32(3))

  init(_ function: USBTMCFunction) { self.function = function }

  /// The handler of a new connection.
  func connection() -> ([UInt8]) -> [UInt8]? {
    let connection = USBIPConnection(to: self)
    return { connection.receive($0) }
  }
}

/// One client of a device: a query, or an attachment for the duration of the connection.
private final class USBIPConnection {
  private let device: USBIPDevice
  private var buffer: [UInt8] = []
  private var isAttached = false
  /// Pending reads of the host.
  private var waiting: [(sequence: UInt32, length: Int)] = []
  /// The transfer to the host in progress.
  private var transfer: [UInt8]?
  private var isHalted = false

  private static let version: UInt16 = 0x0111
  private static let (list, importing): (UInt16, UInt16) = (0x8005, 0x8003)
  private static let headerSize = 48
  /// Far above what a kernel sends at once, and above its number of pending reads.
  private static let (longest, mostWaiting) = (4 << 20, 1024)

  init(to device: USBIPDevice) { self.device = device }

  deinit { if isAttached { device.isAttached = false } }

  /// Receives bytes; nil if they violate the protocol.
  func receive(_ bytes: [UInt8]) -> [UInt8]? {
    buffer += bytes
    var output: [UInt8] = []
    while true {
      let taken = isAttached ? command(&output) : operation(&output)
      switch taken {
      case nil: return nil
      case 0: return output
      case let count?: buffer.removeFirst(count)
      }
    }
  }

  // MARK: Before attachment

  /// Answers the query at the beginning of the buffer; returns its length, or 0 while it is
  /// incomplete.
  private func operation(_ output: inout [UInt8]) -> Int? {
    guard buffer.count >= 8 else { return 0 }
    guard number16(0) == Self.version else { return nil }
    switch number16(2) {
    case Self.list:
      output += word(Self.version) + word(0x0005) + number(0) + number(1) + facts
      output += [0xFE, 3, 0, 0]
      return 8
    case Self.importing:
      guard buffer.count >= 40 else { return 0 }
      let name = String(decoding: buffer[8..<40].prefix { $0 != 0 }, as: UTF8.self)
      let isFree = name == USBIPDevice.bus && !device.isAttached
      output += word(Self.version) + word(0x0003) + number(isFree ? 0 : 1)
      if isFree {
        output += facts
        (isAttached, device.isAttached) = (true, true)
      }
      return 40
    default: return nil
    }
  }

  private var facts: [UInt8] {
    func padded(_ text: String, _ count: Int) -> [UInt8] {
      Array(text.utf8) + [UInt8](repeating: 0, count: count - text.utf8.count)
    }
    let kind = device.function.identity.kind
    return padded("/sys/devices/saltire/usb1/\(USBIPDevice.bus)", 256)
      + padded(USBIPDevice.bus, 32) + number(USBIPDevice.busNumber)
      + number(USBIPDevice.deviceNumber) + number(USBIPDevice.speed) + word(kind.vendor)
      + word(kind.product) + word(0x0100) + [0, 0, 0, 1, 1, 1]
  }

  // MARK: Attached

  /// Performs the command at the beginning of the buffer.
  private func command(_ output: inout [UInt8]) -> Int? {
    guard buffer.count >= Self.headerSize else { return 0 }
    let sequence = number32(4)
    switch number32(0) {
    case 1:
      let isInput = number32(12) == 1
      let length = Int(number32(24))
      guard length <= Self.longest, waiting.count < Self.mostWaiting else { return nil }
      let whole = Self.headerSize + (isInput ? 0 : length)
      guard buffer.count >= whole else { return 0 }
      submit(sequence, isInput, length, Array(buffer[Self.headerSize..<whole]), &output)
      return whole
    case 2:
      let target = number32(20)
      let index = waiting.firstIndex { $0.sequence == target }
      if let index { waiting.remove(at: index) }
      // ECONNRESET means that it will not be answered.
      output += number(4) + number(sequence) + number(0) + number(0) + number(0)
      output += number(index == nil ? 0 : UInt32(bitPattern: -104))
      output += [UInt8](repeating: 0, count: 24)
      return Self.headerSize
    default: return nil
    }
  }

  private func submit(
    _ sequence: UInt32, _ isInput: Bool, _ length: Int, _ data: [UInt8], _ output: inout [UInt8]
  ) {
    if number32(16) == 0 {
      let setup = Array(buffer[40..<48])
      guard let reply = device.function.control(setup) else { return stall(sequence, &output) }
      // Clearing discards transfers in progress.
      if setup[0] & 0x60 == 0x20 || setup[1] == 1 { (transfer, isHalted) = (nil, false) }
      finish(sequence, isInput ? Array(reply.prefix(length)) : [], isInput ? nil : length, &output)
    } else if !isInput {
      guard !isHalted, device.function.take(data) else {
        isHalted = true
        return stall(sequence, &output)
      }
      finish(sequence, [], length, &output)
      send(&output)
    } else {
      waiting.append((sequence, length))
      send(&output)
    }
  }

  /// Answers pending reads as far as data is available.
  private func send(_ output: inout [UInt8]) {
    while let read = waiting.first {
      guard let bytes = transfer ?? device.function.next() else { return }
      let part = Array(bytes.prefix(read.length))
      waiting.removeFirst()
      finish(read.sequence, part, nil, &output)
      // A transfer of whole packets that fills a read is followed by an empty packet.
      let rest = Array(bytes.dropFirst(part.count))
      let isOver = part.count < read.length || part.count % USBTMCFunction.packet != 0
      transfer = rest.isEmpty && isOver ? nil : rest
    }
  }

  private func stall(_ sequence: UInt32, _ output: inout [UInt8]) {
    reply(sequence, status: -32, length: 0, &output)
  }

  private func finish(
    _ sequence: UInt32, _ data: [UInt8], _ length: Int?, _ output: inout [UInt8]
  ) {
    reply(sequence, status: 0, length: length ?? data.count, &output)
    output += data
  }

  private func reply(
    _ sequence: UInt32, status: Int32, length: Int, _ output: inout [UInt8]
  ) {
    output += number(3) + number(sequence) + number(0) + number(0) + number(0)
    output += number(UInt32(bitPattern: status)) + number(UInt32(length)) + number(0)
    output += number(.max) + number(0) + [UInt8](repeating: 0, count: 8)
  }

  // MARK: Numbers, big-endian

  private func number32(_ place: Int) -> UInt32 {
    buffer[place..<(place + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private func number16(_ place: Int) -> UInt16 {
    UInt16(buffer[place]) << 8 | UInt16(buffer[place + 1])
  }

  private func number(_ value: UInt32) -> [UInt8] {
    (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func word(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
}

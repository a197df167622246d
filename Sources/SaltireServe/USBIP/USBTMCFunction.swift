import SaltireLinks

/// A USBTMC device (USBTMC 1.00) around a simulated instrument: descriptors, control requests, and
/// messages on the bulk endpoints.
///
/// Messages are complete: the reply of the instrument to one message of the host is one message to
/// the host.
struct USBTMCFunction {
  /// The identity in its descriptors.
  struct Identity {
    var kind: USBIdentifier
    var manufacturer: String
    var product: String
    var serial: String
  }

  let identity: Identity
  /// The reply of the instrument to a message.
  private let answer: ([UInt8]) -> [UInt8]
  /// The incomplete transfer to the device, and its total length.
  private var transfer: [UInt8] = []
  /// The message assembled from transfers.
  private var message: [UInt8] = []
  /// Messages that the host has not read yet.
  private var replies: [[UInt8]] = []
  /// The pending request of the host.
  private var request: (tag: UInt8, size: Int)?

  static let outputEndpoint: UInt8 = 0x01
  static let inputEndpoint: UInt8 = 0x82
  static let packet = 512
  /// Maximum length of a message.
  private static let longestMessage = 16 << 20
  /// Maximum number of unread messages.
  private static let mostReplies = 64

  init(_ identity: Identity, answer: @escaping ([UInt8]) -> [UInt8]) {
    self.identity = identity
    self.answer = answer
  }

  // MARK: Control

  /// The reply to a control request; nil if it is rejected.
  ///
  /// - Parameter setup: its eight bytes (USB 2.0, 9.3).
  mutating func control(_ setup: [UInt8]) -> [UInt8]? {
    let (type, code) = (setup[0] & 0x60, setup[1])
    let value = UInt16(setup[2]) | UInt16(setup[3]) << 8
    return type == 0 ? standard(setup[0], code, value) : type == 0x20 ? own(code, setup[2]) : nil
  }

  /// USB 2.0, 9.4.
  private func standard(_ type: UInt8, _ code: UInt8, _ value: UInt16) -> [UInt8]? {
    switch code {
    case 6: return descriptor(UInt8(value >> 8), UInt8(value & 0xFF))
    // Status and alternate setting of the interface: always zero.
    case 0: return [0, 0]
    case 8: return [1]
    case 10: return [0]
    // Features, address, configuration, interface: nothing to change.
    case 1, 3, 5, 9, 11: return []
    default: return nil
    }
  }

  private func descriptor(_ kind: UInt8, _ index: UInt8) -> [UInt8]? {
    switch (kind, index) {
    case (1, 0):
      let (vendor, product) = (identity.kind.vendor, identity.kind.product)
      return [18, 1, 0x00, 0x02, 0, 0, 0, 64] + Self.word(vendor) + Self.word(product)
        + [0x00, 0x01, 1, 2, 3, 1]
    case (2, 0): return Self.configuration
    case (3, 0): return [4, 3, 0x09, 0x04]
    case (3, 1): return Self.text(identity.manufacturer)
    case (3, 2): return Self.text(identity.product)
    case (3, 3): return Self.text(identity.serial)
    default: return nil
    }
  }

  /// One configuration with one interface and its two bulk endpoints.
  private static let configuration: [UInt8] =
    [9, 2, 32, 0, 1, 1, 0, 0xC0, 0, 9, 4, 0, 0, 2, 0xFE, 3, 0, 0]
    + [7, 5, outputEndpoint, 2] + word(UInt16(packet)) + [0]
    + [7, 5, inputEndpoint, 2] + word(UInt16(packet)) + [0]

  private static func word(_ value: UInt16) -> [UInt8] {
    [UInt8(value & 0xFF), UInt8(value >> 8)]
  }

  private static func text(_ text: String) -> [UInt8] {
    let units = Array(text.utf16.prefix(126)).flatMap(word)
    return [UInt8(2 + units.count), 3] + units
  }

  /// USBTMC 1.00, 4.2.1.
  private mutating func own(_ code: UInt8, _ tag: UInt8) -> [UInt8]? {
    let success: UInt8 = 1
    let notInProgress: UInt8 = 0x81
    switch code {
    case 1:
      let isUnfinished = !transfer.isEmpty || !message.isEmpty
      (transfer, message) = ([], [])
      return [isUnfinished ? success : notInProgress, tag]
    case 3:
      guard let asked = request, asked.tag == tag else { return [notInProgress, tag] }
      request = nil
      return [success, tag]
    case 2, 4: return [success, 0, 0, 0, 0, 0, 0, 0]
    case 5:
      (transfer, message, replies, request) = ([], [], [], nil)
      return [success]
    case 6: return [success, 0]
    case 7: return [success, 0, 0x00, 0x01] + [UInt8](repeating: 0, count: 20)
    default: return nil
    }
  }

  // MARK: Bulk

  /// Receives bytes of a transfer to the device, which may arrive in parts; false for an invalid
  /// transfer, which halts the endpoint (USBTMC 1.00, 3.2.2.2).
  mutating func take(_ bytes: [UInt8]) -> Bool {
    transfer += bytes
    guard transfer.count >= USBTMCHeader.size else { return true }
    guard let header = USBTMCHeader(transfer), header.length <= Self.longestMessage else {
      transfer = []
      return false
    }
    switch header.kind {
    case .request:
      transfer = []
      request = (header.tag, header.length)
      return true
    case .output:
      guard transfer.count >= USBTMCHeader.size + header.length else { return true }
      message += transfer[USBTMCHeader.size..<(USBTMCHeader.size + header.length)]
      transfer = []
      guard message.count <= Self.longestMessage, replies.count < Self.mostReplies else {
        message = []
        return false
      }
      guard header.isEnd else { return true }
      // The end of a message counts with or without a line end.
      let reply = answer(message.last == 10 ? message : message + [10])
      message = []
      if !reply.isEmpty { replies.append(reply) }
      return true
    }
  }

  /// The next transfer to the host; nil if it has not requested one or there is no data.
  mutating func next() -> [UInt8]? {
    guard let asked = request, let reply = replies.first else { return nil }
    let part = reply.prefix(asked.size)
    request = nil
    replies[0].removeFirst(part.count)
    if replies[0].isEmpty { replies.removeFirst() }
    var bytes = USBTMCHeader.reply(
      tag: asked.tag, length: part.count, isEnd: part.count == reply.count)
    bytes += part
    while bytes.count % 4 != 0 { bytes.append(0) }
    return bytes
  }
}

/// The twelve-byte header of every transfer (USBTMC 1.00, 3.2), from the view of the device.
struct USBTMCHeader {
  enum Kind {
    case output
    case request
  }

  static let size = 12

  let kind: Kind
  let tag: UInt8
  /// The length of the content, or the requested length.
  let length: Int
  let isEnd: Bool

  /// Nil if the bytes are not a header.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.size, bytes[1] != 0, bytes[1] == ~bytes[2] else { return nil }
    switch bytes[0] {
    case 1: kind = .output
    case 2: kind = .request
    default: return nil
    }
    tag = bytes[1]
    length = (4..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    isEnd = bytes[8] & 1 != 0
    guard length > 0 else { return nil }
  }

  static func reply(tag: UInt8, length: Int, isEnd: Bool) -> [UInt8] {
    let size = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return [2, tag, ~tag, 0] + size + [isEnd ? 1 : 0, 0, 0, 0]
  }
}

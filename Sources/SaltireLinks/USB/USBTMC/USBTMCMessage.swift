/// The USBTMC messages on the bulk endpoints (USBTMC 1.00, 3.2 and 3.3; USB488 1.00, 3.2), as
/// bytes.
enum USBTMCMessage {
  static let headerSize = 12

  /// The message id in a header.
  enum Kind: UInt8 {
    case output = 1
    /// A request of the host and the reply of the device have the same number.
    case input = 2
    /// From USB488: corresponds to `*TRG` and the GPIB group execute trigger.
    case trigger = 128
  }

  /// Transfer attributes.
  private static let endOfMessage: UInt8 = 1
  private static let endsAtCharacter: UInt8 = 2

  /// A part of a message to the device, padded to a multiple of four bytes.
  static func output(
    _ content: ArraySlice<UInt8>, tag: UInt8, isLast: Bool, into bytes: inout [UInt8]
  ) {
    bytes.removeAll(keepingCapacity: true)
    bytes += header(.output, tag: tag, size: content.count, isLast ? endOfMessage : 0)
    bytes += content
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  /// Requests up to `count` bytes of a message, or the message up to `character`.
  static func request(_ count: Int, tag: UInt8, upTo character: UInt8?) -> [UInt8] {
    header(
      .input, tag: tag, size: count, character == nil ? 0 : endsAtCharacter, character ?? 0)
  }

  static func trigger(tag: UInt8) -> [UInt8] { header(.trigger, tag: tag, size: 0, 0) }

  /// The buffer size for a reply with `count` bytes of content: whole packets, because the host
  /// controller would overflow otherwise, and one more, so that the end of a transfer of whole
  /// packets is read with it.
  static func room(for count: Int, packet: Int) -> Int {
    ((headerSize + count + 3) / packet + 1) * packet
  }

  /// The tag after `tag`: 1 to 255, never 0.
  static func tag(after tag: UInt8) -> UInt8 { tag == 255 ? 1 : tag + 1 }

  /// The header of a reply.
  struct ReplyHeader: Equatable {
    var tag: UInt8
    /// Bytes of content in this transfer.
    var size: Int
    /// Whether the transfer ends the message.
    var isEnd: Bool

    /// - Throws: ``LinkError/malformed(_:)``.
    init(_ bytes: some RandomAccessCollection<UInt8>) throws(LinkError) {
      guard bytes.count >= headerSize else {
        throw .malformed("a USBTMC header of \(bytes.count) bytes instead of 12")
      }
      let bytes = Array(bytes.prefix(headerSize))
      guard bytes[0] == Kind.input.rawValue else {
        throw .malformed("message \(bytes[0]) instead of a reply (2)")
      }
      guard bytes[1] == ~bytes[2] else {
        throw .malformed("the tag \(bytes[1]) with \(bytes[2]) as its complement")
      }
      tag = bytes[1]
      size = (4..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
      isEnd = bytes[8] & endOfMessage != 0
    }
  }

  private static func header(
    _ kind: Kind, tag: UInt8, size: Int, _ attributes: UInt8, _ character: UInt8 = 0
  ) -> [UInt8] {
    let size = UInt32(size)
    return [
      kind.rawValue, tag, ~tag, 0,
      UInt8(truncatingIfNeeded: size), UInt8(truncatingIfNeeded: size >> 8),
      UInt8(truncatingIfNeeded: size >> 16), UInt8(truncatingIfNeeded: size >> 24),
      attributes, character, 0, 0,
    ]
  }
}

/// Takes the reply to one request out of the transfers that bulk-IN brings.
///
/// It checks what the standard promises and devices break: the reply's kind
/// and tag, that it is no longer than asked for, that all of it comes. A reply
/// to an earlier request, which came late, is dropped, a few times.
struct USBTMCReply {
  /// What is to be done after a transfer.
  enum Next: Equatable {
    /// More of this reply, or the reply after a late one, comes without
    /// another request.
    case readOn
    /// The reply is whole; whether the message is.
    case done(isEnd: Bool)
  }

  /// What the device sent in answer to the request.
  private(set) var content: [UInt8] = []
  private let tag: UInt8
  private let requested: Int
  private let quirks: Set<USBTMCQuirk>
  private var header: USBTMCMessage.ReplyHeader?
  /// Bytes of a late reply that are still to come.
  private var stale = 0
  /// The tag of the last reply that was dropped as late.
  private(set) var droppedTag: UInt8?
  private var dropped = 0
  private var empty = 0

  /// Late replies, and transfers without a byte, that are put up with.
  private static let patience = 4

  init(tag: UInt8, requested: Int, quirks: Set<USBTMCQuirk>) {
    self.tag = tag
    self.requested = requested
    self.quirks = quirks
  }

  /// Takes what a transfer brought.
  ///
  /// - Throws: ``LinkError/malformed(_:)``.
  mutating func add(_ bytes: some RandomAccessCollection<UInt8>) throws(LinkError) -> Next {
    guard !bytes.isEmpty else {
      // Some devices send a packet of nothing first.
      empty += 1
      guard empty <= Self.patience else { throw .malformed("\(empty) replies without a byte") }
      return .readOn
    }
    if stale > 0 {
      stale = max(stale - bytes.count, 0)
      return .readOn
    }
    if let header { return take(bytes, of: header) }
    let header = try USBTMCMessage.ReplyHeader(bytes)
    let rest = bytes.dropFirst(USBTMCMessage.headerSize)
    if header.tag != tag, !quirks.contains(.anyTag) {
      dropped += 1
      droppedTag = header.tag
      guard dropped <= Self.patience else {
        throw .malformed("the tag \(header.tag) where \(tag) is due")
      }
      stale = max(header.size - rest.count, 0)
      return .readOn
    }
    guard header.size <= requested else {
      throw .malformed("\(header.size) bytes where \(requested) were asked for")
    }
    self.header = header
    return take(rest, of: header)
  }

  private mutating func take(
    _ bytes: some RandomAccessCollection<UInt8>, of header: USBTMCMessage.ReplyHeader
  ) -> Next {
    // Behind the content there may be up to three bytes to pad it.
    content += bytes.prefix(header.size - content.count)
    guard content.count == header.size else { return .readOn }
    if header.isEnd, quirks.contains(.trailingZeros) {
      while content.last == 0 { content.removeLast() }
    }
    return .done(isEnd: header.isEnd)
  }
}

/// Extracts the reply to one request from the transfers on bulk-IN.
///
/// Checks what the standard promises and devices violate: the message id and the tag, that the
/// reply is not longer than requested, and that it is complete. Drops a limited number of late
/// replies to earlier requests.
struct USBTMCReply {
  /// What to do after a transfer.
  enum Next: Equatable {
    /// More of this reply, or the reply after a late one, arrives without another request.
    case readOn
    /// The reply is complete; `isEnd` tells whether the message is.
    case done(isEnd: Bool)
  }

  /// The content of the reply.
  private(set) var content: [UInt8] = []
  private let tag: UInt8
  private let requested: Int
  private let quirks: Set<USBTMCQuirk>
  private var header: USBTMCMessage.ReplyHeader?
  /// Remaining bytes of a late reply.
  private var stale = 0
  /// The tag of the last late reply that was dropped.
  private(set) var droppedTag: UInt8?
  private var dropped = 0
  private var empty = 0

  /// Maximum number of late replies and of empty transfers.
  private static let patience = 4

  init(tag: UInt8, requested: Int, quirks: Set<USBTMCQuirk>) {
    self.tag = tag
    self.requested = requested
    self.quirks = quirks
  }

  /// Adds the bytes of a transfer.
  ///
  /// - Throws: ``LinkError/malformed(_:)``.
  mutating func add(_ bytes: some RandomAccessCollection<UInt8>) throws(LinkError) -> Next {
    guard !bytes.isEmpty else {
      // Some devices send an empty packet first.
      empty += 1
      guard empty <= Self.patience else { throw .malformed("\(empty) empty replies") }
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
        throw .malformed("the tag \(header.tag) instead of \(tag)")
      }
      stale = max(header.size - rest.count, 0)
      return .readOn
    }
    guard header.size <= requested else {
      throw .malformed("\(header.size) bytes, but \(requested) were requested")
    }
    self.header = header
    return take(rest, of: header)
  }

  private mutating func take(
    _ bytes: some RandomAccessCollection<UInt8>, of header: USBTMCMessage.ReplyHeader
  ) -> Next {
    // Up to three padding bytes may follow the content.
    content += bytes.prefix(header.size - content.count)
    guard content.count == header.size else { return .readOn }
    if header.isEnd, quirks.contains(.trailingZeros) {
      while content.last == 0 { content.removeLast() }
    }
    return .done(isEnd: header.isEnd)
  }
}

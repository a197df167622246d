import SaltireCore

/// Blocks of arbitrary bytes inside messages (IEEE 488.2, 7.7.6 and 8.7.9).
public enum DataBlock {
  /// The header of a block: `#`, the number of digits, and the digits of the byte count.
  public enum Header: Equatable, Sendable {
    /// A header of `header` bytes, followed by `count` bytes of content.
    case definite(header: Int, count: Int)
    /// `#0`: the content extends to the end of the message.
    case indefinite
    /// Too few bytes for a header.
    case partial

    /// The header at the beginning of `bytes`; nil if they are not a block.
    public init?(_ bytes: some RandomAccessCollection<UInt8>) {
      guard bytes.first == UInt8(ascii: "#") else { return nil }
      let rest = bytes.dropFirst()
      guard let first = rest.first else { self = .partial; return }
      guard (48...57).contains(first) else { return nil }
      let digits = Int(first) - 48
      if digits == 0 { self = .indefinite; return }
      var count = 0
      for byte in rest.dropFirst().prefix(digits) {
        guard (48...57).contains(byte) else { return nil }
        count = count * 10 + Int(byte) - 48
      }
      self = rest.count > digits ? .definite(header: 2 + digits, count: count) : .partial
    }
  }

  /// A block of known length with this content.
  public static func wrap(_ content: [UInt8]) -> [UInt8] {
    let count = String(content.count)
    return Array("#\(count.count)\(count)".utf8) + content
  }

  /// The content of the block in a message, with or without a trailing LF.
  ///
  /// - Throws: ``LinkError/malformed(_:)`` if the message is not a block, or is shorter or longer
  ///   than its header says.
  public static func content(of message: [UInt8]) throws(LinkError) -> [UInt8] {
    switch Header(message) {
    case nil, .partial: throw .malformed("a block must begin with #, and this message does not")
    case .indefinite:
      return Array(message.dropFirst(2).dropLast(message.last == 10 ? 1 : 0))
    case .definite(let header, let count):
      let rest = message.dropFirst(header + count)
      guard let content = message.elements(at: header, count: count),
        rest.isEmpty || rest.elementsEqual([10])
      else {
        throw .malformed(
          "a block of \(count) bytes, of which \(max(message.count - header, 0)) were received")
      }
      return Array(content)
    }
  }
}

/// Blocks of arbitrary bytes inside messages (IEEE 488.2, 7.7.6 and 8.7.9).
public enum DataBlock {
  /// How a message begins.
  enum Header: Equatable {
    /// With something else than a block.
    case none
    /// With too few bytes to tell.
    case partial
    /// With a header of so many bytes, before so many of content.
    case definite(header: Int, count: Int)
    /// With `#0`: the content goes on to the end of the message.
    case indefinite

    init(_ bytes: some Collection<UInt8>) {
      guard let first = bytes.first else { self = .partial; return }
      guard first == UInt8(ascii: "#") else { self = .none; return }
      guard let second = bytes.dropFirst().first else { self = .partial; return }
      switch second {
      case UInt8(ascii: "0"): self = .indefinite
      case UInt8(ascii: "1")...UInt8(ascii: "9"):
        let digits = Int(second - UInt8(ascii: "0"))
        var count = 0
        for byte in bytes.dropFirst(2).prefix(digits) {
          guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { self = .none; return }
          count = count * 10 + Int(byte - UInt8(ascii: "0"))
        }
        self = bytes.count < 2 + digits ? .partial : .definite(header: 2 + digits, count: count)
      default: self = .none
      }
    }
  }

  /// A block of known length with this content.
  public static func wrap(_ content: [UInt8]) -> [UInt8] {
    let count = String(content.count)
    return Array("#\(count.count)\(count)".utf8) + content
  }

  /// The content of the block that a message consists of, with or without an
  /// LF behind it.
  ///
  /// - Throws: ``LinkError/malformed(_:)`` for a message that is no block, or
  ///   is shorter or longer than its header says.
  public static func content(of message: [UInt8]) throws(LinkError) -> [UInt8] {
    switch Header(message) {
    case .none, .partial: throw .malformed("a block begins with #, not so this message")
    case .indefinite:
      return Array(message.dropFirst(2).dropLast(message.last == 10 ? 1 : 0))
    case .definite(let header, let count):
      let rest = message.dropFirst(header + count)
      guard message.count >= header + count, rest.isEmpty || rest.elementsEqual([10]) else {
        throw .malformed(
          "a block of \(count) bytes, of which \(max(message.count - header, 0)) came")
      }
      return Array(message[header..<(header + count)])
    }
  }
}

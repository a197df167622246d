import SaltireLinks

/// One parsed command or query of a SCPI message (IEEE 488.2, chapter 7).
struct MessageUnit: Equatable {
  /// One parameter.
  enum Argument: Equatable {
    /// A number, a word or an expression in parentheses, unchanged.
    case plain(String)
    /// The text between quotes.
    case quoted(String)
    case block([UInt8])
  }

  /// Without the question mark.
  var header: String
  var isQuery: Bool
  var arguments: [Argument]

  /// The units of a message without its terminator; an error in a unit ends the message there.
  static func parse(_ bytes: [UInt8]) -> [Result<MessageUnit, SCPIFault>] {
    var parser = MessageParser(bytes: bytes)
    return parser.units()
  }
}

/// The length in bytes of the first message in a buffer, including its terminator; nil while it is
/// incomplete. Terminators inside quotes or blocks do not count.
func messageLength(_ bytes: some RandomAccessCollection<UInt8>) -> Int? {
  var quote: UInt8?
  var position = bytes.startIndex
  while position < bytes.endIndex {
    let byte = bytes[position]
    if let open = quote {
      // A line that ends inside quotes is an error, not a longer line.
      if byte == open { quote = nil } else if byte == 10 || byte == 13 { break }
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      quote = byte
    } else if byte == 10 || byte == 13 {
      break
    } else if byte == UInt8(ascii: "#"), let size = DataBlock.Header(bytes[position...]) {
      switch size {
      case .partial: return nil
      case .definite(let header, let count):
        guard bytes.distance(from: position, to: bytes.endIndex) >= header + count else {
          return nil
        }
        position = bytes.index(position, offsetBy: header + count)
        continue
      case .indefinite: break
      }
    }
    position = bytes.index(after: position)
  }
  guard position < bytes.endIndex else { return nil }
  return bytes.distance(from: bytes.startIndex, to: position) + 1
}

private struct MessageParser {
  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Maximum number of units in a message.
  private static let mostUnits = 10_000

  mutating func units() -> [Result<MessageUnit, SCPIFault>] {
    var units: [Result<MessageUnit, SCPIFault>] = []
    while true {
      skipSpace()
      guard position < bytes.count else { return units }
      if bytes[position] == UInt8(ascii: ";") {
        position += 1
        continue
      }
      guard units.count < Self.mostUnits else { return units + [.failure(.inputOverrun)] }
      do throws(SCPIFault) {
        units.append(.success(try unit()))
      } catch {
        units.append(.failure(error))
        return units
      }
    }
  }

  private mutating func unit() throws(SCPIFault) -> MessageUnit {
    let start = position
    while position < bytes.count, Self.isHeader(bytes[position]) { position += 1 }
    guard position > start else { throw .syntaxError }
    var header = String(decoding: bytes[start..<position], as: UTF8.self)
    let isQuery = header.hasSuffix("?")
    if isQuery { header.removeLast() }
    guard !header.isEmpty, !header.contains("?") else { throw .syntaxError }
    guard position == bytes.count || bytes[position] == UInt8(ascii: ";") || isSpace else {
      throw .invalidSeparator
    }
    skipSpace()
    var arguments: [MessageUnit.Argument] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: ";") {
      arguments.append(try argument())
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { continue }
      position += 1
      skipSpace()
      guard position < bytes.count, bytes[position] != UInt8(ascii: ";") else {
        throw .missingParameter
      }
    }
    if position < bytes.count { position += 1 }
    return MessageUnit(header: header, isQuery: isQuery, arguments: arguments)
  }

  private mutating func argument() throws(SCPIFault) -> MessageUnit.Argument {
    switch bytes[position] {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .quoted(try quoted())
    case UInt8(ascii: "#"):
      if let block = try block() { return .block(block) }
    case UInt8(ascii: ","): throw .syntaxError
    default: break
    }
    let start = position
    var depth = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "(") { depth += 1 } else if byte == UInt8(ascii: ")") { depth -= 1 }
      if depth <= 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") { break }
      position += 1
    }
    guard depth == 0 else { throw .syntaxError }
    var end = position
    while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
    return .plain(String(decoding: bytes[start..<end], as: UTF8.self))
  }

  private mutating func quoted() throws(SCPIFault) -> String {
    let quote = bytes[position]
    position += 1
    var text: [UInt8] = []
    while position < bytes.count {
      if bytes[position] == quote {
        position += 1
        // A doubled quote stands for one quote.
        guard position < bytes.count, bytes[position] == quote else {
          return String(decoding: text, as: UTF8.self)
        }
      }
      text.append(bytes[position])
      position += 1
    }
    throw .invalidString
  }

  private mutating func block() throws(SCPIFault) -> [UInt8]? {
    switch DataBlock.Header(bytes[position...]) {
    case .definite(let header, let count):
      guard bytes.count - position >= header + count else { throw .invalidBlock }
      let start = position + header
      position = start + count
      return Array(bytes[start..<position])
    case .indefinite:
      let data = Array(bytes[(position + 2)...])
      position = bytes.count
      return data
    case .partial: throw .invalidBlock
    case nil:
      // #H1F and similar are numbers.
      let next = bytes[position...].dropFirst().first ?? 0
      guard (65...90).contains(next & ~0x20) else { throw .invalidBlock }
      return nil
    }
  }

  private mutating func skipSpace() {
    while position < bytes.count, isSpace { position += 1 }
  }

  private var isSpace: Bool { Self.isSpace(bytes[position]) }

  private static func isSpace(_ byte: UInt8) -> Bool { byte <= 32 }

  private static func isHeader(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "*"),
      UInt8(ascii: "?"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

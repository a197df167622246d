import Foundation

/// What the preloaded disk shim kept of a program: what it did to files, and
/// what it sent meanwhile, in order.
struct DiskLog {
  enum Event: Equatable {
    case create(String)
    case write(String, offset: Int, bytes: [UInt8])
    case truncate(String, length: Int)
    /// A file, or a folder.
    case sync(String)
    case remove(String)
    /// A file's second name.
    case link(String, String)
    /// A sync that did not end.
    case hang(String)
    /// Bytes to an instrument.
    case send
  }

  private(set) var events: [Event] = []
  /// What was sent to instruments, by the events' places.
  private(set) var sent: [Int: String] = [:]

  /// Reads the file that the shim wrote.
  ///
  /// - Throws: errors of the file system; `CocoaError` for what the shim did not
  ///   write. An event cut off at the end, by the end of its process, is left out.
  init(_ url: URL) throws {
    let bytes = [UInt8](try Data(contentsOf: url))
    var position = 0
    while let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) {
      // Numbers are behind the path, which may hold spaces.
      let line = String(decoding: bytes[position..<end], as: UTF8.self)
      position = end + 1
      var words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      let kind = words.removeFirst()
      func number() throws -> Int {
        guard let number = words.popLast().flatMap({ Int($0) }), number >= 0 else {
          throw CocoaError(.fileReadCorruptFile)
        }
        return number
      }
      func body(_ count: Int) -> [UInt8]? {
        guard position + count <= bytes.count else { return nil }
        defer { position += count }
        return Array(bytes[position..<position + count])
      }
      switch kind {
      case "w":
        let count = try number()
        let offset = try number()
        guard let body = body(count) else { return }
        events.append(.write(words.joined(separator: " "), offset: offset, bytes: body))
      case "x":
        guard let body = body(try number()) else { return }
        sent[events.count] = String(decoding: body, as: UTF8.self)
        events.append(.send)
      case "t":
        let length = try number()
        events.append(.truncate(words.joined(separator: " "), length: length))
      case "c": events.append(.create(words.joined(separator: " ")))
      case "s": events.append(.sync(words.joined(separator: " ")))
      case "h": events.append(.hang(words.joined(separator: " ")))
      case "u": events.append(.remove(words.joined(separator: " ")))
      case "l":
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { return }
        let second = String(decoding: bytes[position..<end], as: UTF8.self)
        position = end + 1
        events.append(.link(words.joined(separator: " "), second))
      default: throw CocoaError(.fileReadCorruptFile)
      }
    }
  }
}

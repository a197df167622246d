/// Received bytes, to be split into messages.
struct MessageBuffer {
  /// The maximum length of a message without its terminator.
  static let limit = 16 << 20
  /// Size of one read; most messages of instruments are shorter.
  private static let room = 4096

  private var storage = [UInt8](repeating: 0, count: 2 * room)
  /// The range of the storage that contains bytes.
  private var filled = 0..<0

  var count: Int { filled.count }

  /// Removes and returns the first message if it is complete.
  ///
  /// - Parameter searched: the number of bytes known to contain no terminator.
  mutating func take(_ terminator: Terminator, searched: Int) -> [UInt8]? {
    let end: Int
    switch terminator {
    case .byte(let byte):
      let unsearched = storage[filled].dropFirst(searched)
      guard let index = unsearched.firstIndex(of: byte) else { return nil }
      end = index + 1
    case .count(let count):
      guard filled.count >= count else { return nil }
      end = filled.lowerBound + count
    case .block:
      switch DataBlock.Header(storage[filled]) {
      case nil where count > 0: return take(.byte(10), searched: searched)
      case nil, .partial, .indefinite: return nil
      case .definite(let header, let count):
        guard filled.count > header + count else { return nil }
        end = filled.lowerBound + header + count + 1
      }
    }
    let message = Array(storage[filled.lowerBound..<end])
    filled = end..<filled.upperBound
    return message
  }

  /// Appends the bytes that `read` supplies.
  ///
  /// - Returns: the result of `read`: the number of bytes.
  mutating func fill<Failure: Error>(
    _ read: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    makeRoom()
    let end = filled.upperBound
    let count = try storage.withUnsafeMutableBufferPointer { bytes throws(Failure) in
      try read(UnsafeMutableBufferPointer(rebasing: bytes[end...]))
    }
    filled = filled.lowerBound..<(end + count)
    return count
  }

  /// Appends bytes.
  mutating func append(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = fill { room in
        _ = room.update(fromContentsOf: rest.prefix(room.count))
        return min(room.count, rest.count)
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Removes and returns all bytes, if a message ends without a terminator.
  mutating func takeAll() -> [UInt8] {
    defer { removeAll() }
    return Array(storage[filled])
  }

  mutating func removeAll() { filled = 0..<0 }

  private mutating func makeRoom() {
    if filled.isEmpty { filled = 0..<0 }
    guard storage.count - filled.upperBound < Self.room else { return }
    storage.removeFirst(filled.lowerBound)
    filled = 0..<filled.count
    // Doubles the size, so that long messages are not copied often.
    let size = max(2 * Self.room, 2 * filled.count)
    if storage.count < size {
      storage.append(contentsOf: repeatElement(0, count: size - storage.count))
    }
  }
}

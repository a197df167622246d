/// Who talks to a simulated instrument over one connection: what it has sent and is no
/// whole message yet is kept apart from what others send.
final class InstrumentClient {
  /// What is no whole message yet.
  var buffer: [UInt8] = []
  /// Whether the line that it sends was too long, and goes on.
  var isOverrun = false
  /// Whether the instrument has dropped the connection.
  var isGone = false

  /// The next line, its terminator not included; nil while it is not whole. The rest of
  /// one that was too long is no line.
  ///
  /// - Parameters:
  ///   - longest: bytes.
  ///   - isEnd: whether a byte ends a line.
  ///   - overrun: is called once for a line that is longer.
  func nextLine(
    longest: Int, endingAt isEnd: (UInt8) -> Bool, overrun: () -> Void
  ) -> ArraySlice<UInt8>? {
    while let end = buffer[position...].firstIndex(where: isEnd) {
      let line = buffer[position..<end]
      position = end + 1
      let isRest = isOverrun
      isOverrun = false
      if isRest { continue }
      guard line.count <= longest else {
        overrun()
        continue
      }
      return line
    }
    buffer.removeFirst(position)
    position = 0
    if isOverrun || buffer.count > longest {
      if !isOverrun { overrun() }
      isOverrun = true
      buffer = []
    }
    return nil
  }

  /// How much of the buffer was taken as lines.
  private var position = 0
}

/// One connection to a simulated instrument, with its own buffer for incomplete messages.
final class InstrumentClient {
  /// Bytes of an incomplete message.
  var buffer: [UInt8] = []
  /// Whether the current line was too long and continues.
  var isOverrun = false
  /// Whether the instrument has closed the connection.
  var isGone = false

  /// The next line without its terminator; nil while it is incomplete. The rest of an overlong line
  /// is skipped.
  ///
  /// - Parameters:
  ///   - longest: maximum length in bytes.
  ///   - isEnd: whether a byte ends a line.
  ///   - overrun: called once for a longer line.
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

  /// The number of bytes already taken from the buffer.
  private var position = 0
}

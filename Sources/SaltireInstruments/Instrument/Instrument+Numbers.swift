import SaltireLinks

extension Instrument {
  /// Sends a query whose reply is a block of 4-byte little-endian numbers and an LF (IEEE 488.2,
  /// 8.7.9 and 8.7.10).
  ///
  /// - Parameter count: the number of numbers.
  /// - Throws: ``InstrumentError``.
  public func askNumbers(_ question: String, count: Int) throws(InstrumentError) -> [Double] {
    guard (0..<Self.mostNumbers).contains(count) else {
      throw .unexpectedReply("\(count) numbers", to: question)
    }
    try send([question])
    guard let link else { throw .link(.closed) }
    // Only the count gives the end of an indefinite-length block, because the numbers may contain
    // LF.
    let end = padding + [10]
    let size = 2 + 4 * count + end.count
    let seconds = definition.patience + 10
    let message = try linked(within: seconds) { () throws(LinkError) -> [UInt8] in
      let deadline = Deadline.after(seconds)
      let message = try link.receive(until: .count(size), deadline: deadline)
      // What came behind the terminator of the previous reply; no padding begins a block.
      let old = message.prefix(while: Reply.isPadding)
      if old.isEmpty { return message }
      return try message.dropFirst(old.count)
        + link.receive(until: .count(old.count), deadline: deadline)
    }
    guard message.count == size, message.starts(with: "#0".utf8),
      message.suffix(end.count).elementsEqual(end)
    else {
      throw .link(.malformed("a block of \(count) numbers begins with #0 and ends with LF"))
    }
    let bytes = message.dropFirst(2).dropLast(end.count)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      let bits = bytes.dropFirst(start).prefix(4).reversed().reduce(UInt32(0)) {
        $0 << 8 | UInt32($1)
      }
      return Double(Float(bitPattern: bits))
    }
  }

  /// More than any instrument's memory.
  private static let mostNumbers = 1 << 24
}

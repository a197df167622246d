/// A non-blocking descriptor.
protocol BytePort {
  /// For poll.
  var descriptor: Int32 { get }

  /// Reads available bytes; returns 0 if there are none.
  ///
  /// - Throws: ``LinkError``.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(LinkError) -> Int

  /// Writes as many bytes as possible and returns their number.
  ///
  /// - Throws: ``LinkError``.
  func write(_ bytes: UnsafeBufferPointer<UInt8>) throws(LinkError) -> Int

  /// The part of clearing that precedes reading and discarding received bytes.
  ///
  /// - Throws: ``LinkError``.
  func reset() throws(LinkError)

  func close()
}

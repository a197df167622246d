/// A descriptor that is read and written without ever waiting.
protocol BytePort {
  /// For poll.
  var descriptor: Int32 { get }

  /// Reads what is there; 0 when nothing is.
  ///
  /// - Throws: ``LinkError``.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(LinkError) -> Int

  /// Writes as many of the bytes as there is room for, and says how many.
  ///
  /// - Throws: ``LinkError``.
  func write(_ bytes: UnsafeBufferPointer<UInt8>) throws(LinkError) -> Int

  /// What clearing takes before what has come is read and dropped.
  ///
  /// - Throws: ``LinkError``.
  func reset() throws(LinkError)

  func close()
}

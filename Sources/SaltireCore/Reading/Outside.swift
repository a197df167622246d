/// What comes from outside (a wire, a file, a database) is counted and indexed
/// through these: nothing that it says can end the process.
extension RandomAccessCollection {
  /// The element so far behind the first; nil where there is none.
  public func element(at offset: Int) -> Element? { elements(at: offset, count: 1)?.first }

  /// So many elements from that place on; nil where they are not all there.
  public func elements(at offset: Int, count: Int) -> SubSequence? {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
      return nil
    }
    let start = index(startIndex, offsetBy: offset)
    return self[start..<index(start, offsetBy: count)]
  }
}

extension Int {
  /// The count that a number is, up to `most`; nil for any other, for what is not
  /// finite, and for parts.
  public init?(count number: Double, upTo most: Int) {
    guard let count = Int(exactly: number), count >= 0, count <= most else { return nil }
    self = count
  }
}

/// A channel list such as `(@1,2)` or `(@1:2)` (SCPI-99, volume 1, 8.3.2).
enum ChannelList {
  /// The indices of the listed channels, in order.
  static func positions(_ text: String, of count: Int) throws(SCPIFault) -> [Int] {
    guard text.hasPrefix("(@"), text.hasSuffix(")") else { throw .syntaxError }
    var positions: [Int] = []
    let most = 10 * count
    for entry in text.dropFirst(2).dropLast().split(
      separator: ",", omittingEmptySubsequences: false)
    {
      let ends = entry.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first, let first, let last = ends.last, let last, ends.count <= 2
      else { throw .syntaxError }
      guard min(first, last) >= 1, max(first, last) <= count else { throw .outOfRange }
      guard positions.count < most else { throw .outOfRange }
      positions += stride(from: first, through: last, by: first <= last ? 1 : -1).map { $0 - 1 }
    }
    return positions
  }
}

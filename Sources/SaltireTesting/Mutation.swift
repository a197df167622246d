/// Damages bytes in the way of disk errors, other programs and attackers.
public enum Mutation {
  private static let page = 4096

  /// `bytes` with one to eight changes.
  public static func damaged(
    _ bytes: [UInt8], using random: inout some RandomNumberGenerator
  ) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<1 + below(8, &random) where !bytes.isEmpty { damage(&bytes, &random) }
    return bytes
  }

  private static func damage(
    _ bytes: inout [UInt8], _ random: inout some RandomNumberGenerator
  ) {
    let place = below(bytes.count, &random)
    switch below(12, &random) {
    case 0...3: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 4: bytes[place] ^= 1 << UInt8(below(8, &random))
    case 5:
      // Extreme lengths, counts and numbers.
      let new: [UInt8] = [
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F],
        [0x7F], [0], [0x80], [0, 0, 0, 0, 0, 0, 0xF0, 0x7F], [0, 0, 0, 0, 0, 0, 0xF8, 0x7F],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xEF, 0x7F], Array("1e308".utf8), Array("-1".utf8),
        Array("null".utf8), Array("9223372036854775807".utf8),
      ][below(12, &random)]
      overwrite(&bytes, at: place, with: new)
    case 6: overwrite(&bytes, at: place, with: [UInt8](repeating: 0, count: 512))
    case 7:
      let from = below(bytes.count, &random)
      let count = min(1 + below(64, &random), bytes.count - from)
      overwrite(&bytes, at: place, with: Array(bytes[from..<from + count]))
    case 8:
      let from = below(bytes.count, &random) / page * page
      let count = min(page, bytes.count - from)
      overwrite(&bytes, at: place / page * page, with: Array(bytes[from..<from + count]))
    case 9: bytes.removeLast(below(bytes.count, &random) / (1 + below(64, &random)))
    case 10: bytes[below(min(100, bytes.count), &random)] = UInt8(truncatingIfNeeded: random.next())
    default:
      // A digit of a number in text form.
      guard let digit = bytes[place...].firstIndex(where: { (48...57).contains($0) }) else {
        return
      }
      bytes[digit] = Array("0123456789-e.\"".utf8)[below(14, &random)]
    }
  }

  private static func overwrite(_ bytes: inout [UInt8], at place: Int, with new: [UInt8]) {
    let new = new.prefix(bytes.count - place)
    bytes.replaceSubrange(place..<place + new.count, with: new)
  }

  private static func below(_ bound: Int, _ random: inout some RandomNumberGenerator) -> Int {
    Int(truncatingIfNeeded: random.next() % UInt64(bound))
  }
}

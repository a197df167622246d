import SaltireCore
import Testing

@testable import SaltireLinks

@Suite struct DataBlockTests {
  @Test func aBlockComesBackAsItWas() throws {
    for count in [0, 1, 9, 10, 255, 65_536] {
      let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      #expect(try DataBlock.content(of: DataBlock.wrap(content)) == content)
      #expect(try DataBlock.content(of: DataBlock.wrap(content) + [10]) == content)
    }
    #expect(DataBlock.wrap([65, 66, 67]) == Array("#13ABC".utf8))
  }

  /// An LF ends no block: it may be among the data.
  @Test func aBlockOfUnknownLengthEndsWithItsMessage() throws {
    #expect(try DataBlock.content(of: Array("#0a\nb\n".utf8)) == Array("a\nb".utf8))
    #expect(try DataBlock.content(of: Array("#0".utf8)) == [])
  }

  @Test(arguments: [
    ("", "a block must begin with #, and this message does not"),
    ("1.5", "a block must begin with #, and this message does not"),
    ("#", "a block must begin with #, and this message does not"),
    ("#2", "a block must begin with #, and this message does not"),
    ("#2x1", "a block must begin with #, and this message does not"),
    ("#H1F", "a block must begin with #, and this message does not"),
    ("#15abc", "a block of 5 bytes, of which 3 were received"),
    ("#13abcde", "a block of 3 bytes, of which 5 were received"),
  ])
  func whatIsNoBlockIsRefused(text: String, reason: String) {
    #expect(throws: LinkError.malformed(reason)) { try DataBlock.content(of: Array(text.utf8)) }
  }

  /// Over a stream a block is received whole, however it comes, and what is
  /// behind it stays.
  @Test func blocksAreReceivedOverAStream() throws {
    let (host, device) = try StreamLink.pair()
    var random = RandomStream(seed: 5, name: "blocks")
    for _ in 0..<50 {
      let content = (0..<Int(random.uniform(0, 2000))).map { _ in UInt8(random.uniform(0, 255.9)) }
      let bytes = DataBlock.wrap(content) + [10] + Array("next\n".utf8)
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int(random.uniform(1, 900)))
        try device.send(Array(piece), deadline: .after(10))
        rest = rest.dropFirst(piece.count)
      }
      let block = try host.receive(until: .block, deadline: .after(10))
      #expect(try DataBlock.content(of: block) == content)
      #expect(try host.receive(until: .byte(10), deadline: .after(10)) == Array("next\n".utf8))
    }
  }

  /// An error message instead of a block is no timeout.
  @Test func aLineInsteadOfABlockIsReceived() throws {
    let (host, device) = try StreamLink.pair()
    try device.send(Array("-222,\"Data out of range\"\n".utf8), deadline: .after(10))
    let line = try host.receive(until: .block, deadline: .after(10))
    #expect(line == Array("-222,\"Data out of range\"\n".utf8))
  }

  @Test func anyBytesAreRefusedOrABlock() throws {
    var random = RandomStream(seed: 6, name: "blocks")
    var blocks = 0
    for _ in 0..<20_000 {
      var bytes = (0..<Int(random.uniform(0, 30))).map { _ in UInt8(random.uniform(35, 58)) }
      if !bytes.isEmpty { bytes[0] = 35 }
      guard let content = try? DataBlock.content(of: bytes) else { continue }
      blocks += 1
      #expect(content.count <= bytes.count)
    }
    #expect(blocks > 100)
  }
}

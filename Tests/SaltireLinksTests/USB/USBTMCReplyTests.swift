import SaltireCore
import Testing

@testable import SaltireLinks

@Suite struct USBTMCReplyTests {
  /// A transfer as a device sends it.
  private static func transfer(
    _ content: [UInt8], tag: UInt8, size: Int? = nil, isEnd: Bool = true, kind: UInt8 = 2
  ) -> [UInt8] {
    let size = UInt32(size ?? content.count)
    var bytes: [UInt8] = [kind, tag, ~tag, 0]
    for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: size >> UInt32(shift))) }
    bytes += [isEnd ? 1 : 0, 0, 0, 0] + content
    while bytes.count % 4 != 0 { bytes.append(0) }
    return bytes
  }

  @Test func aMessageHasAHeaderAndIsPadded() {
    var bytes: [UInt8] = [9, 9]
    USBTMCMessage.output(Array("*IDN?\n".utf8)[...], tag: 7, isLast: true, into: &bytes)
    // USBTMC 1.00, table 3.
    #expect(bytes == [1, 7, 0xF8, 0, 6, 0, 0, 0, 1, 0, 0, 0] + Array("*IDN?\n".utf8) + [0, 0])
    #expect(
      USBTMCMessage.request(0x01_02_03, tag: 255, upTo: 13)
        == [2, 255, 0, 0, 3, 2, 1, 0, 2, 13, 0, 0])
    #expect(USBTMCMessage.trigger(tag: 1) == [128, 1, 0xFE, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(USBTMCMessage.tag(after: 255) == 1 && USBTMCMessage.tag(after: 1) == 2)
  }

  /// A buffer takes a whole transfer, its padding and the packet that ends it.
  @Test func thereIsRoomForTheEndOfATransfer() {
    for packet in [8, 64, 512] {
      for count in 0..<2000 {
        let room = USBTMCMessage.room(for: count, packet: packet)
        #expect(room % packet == 0 && room > (12 + count + 3) / 4 * 4)
      }
    }
  }

  @Test func contentIsTakenWithoutItsPadding() throws {
    var reply = USBTMCReply(tag: 3, requested: 100, quirks: [])
    #expect(try reply.add(Self.transfer([1, 2, 3, 4, 5], tag: 3)) == .done(isEnd: true))
    #expect(reply.content == [1, 2, 3, 4, 5])
  }

  @Test func aMessageThatGoesOnIsNotWhole() throws {
    var reply = USBTMCReply(tag: 3, requested: 100, quirks: [])
    #expect(
      try reply.add(Self.transfer([1, 2], tag: 3, isEnd: false)) == .done(isEnd: false))
  }

  /// The end counts only once all bytes are there.
  @Test func whatComesInPiecesIsReadOn() throws {
    var reply = USBTMCReply(tag: 3, requested: 100, quirks: [])
    let whole = Self.transfer(Array(0..<50), tag: 3)
    #expect(try reply.add(whole[..<20]) == .readOn)
    #expect(try reply.add(whole[20..<40]) == .readOn)
    #expect(try reply.add(whole[40...]) == .done(isEnd: true))
    #expect(reply.content == Array(0..<50))
  }

  @Test func aLateReplyIsDropped() throws {
    var reply = USBTMCReply(tag: 4, requested: 100, quirks: [])
    #expect(try reply.add(Self.transfer([9, 9], tag: 3)) == .readOn)
    let long = Self.transfer([UInt8](repeating: 8, count: 80), tag: 2)
    #expect(try reply.add(long[..<52]) == .readOn)
    #expect(try reply.add(long[52...]) == .readOn)
    #expect(try reply.add(Self.transfer([1], tag: 4)) == .done(isEnd: true))
    #expect(reply.content == [1])
  }

  @Test func emptyTransfersAndLateRepliesComeToAnEnd() throws {
    var reply = USBTMCReply(tag: 4, requested: 100, quirks: [])
    for _ in 0..<4 { #expect(try reply.add([]) == .readOn) }
    #expect(throws: LinkError.malformed("5 empty replies")) { try reply.add([]) }
    reply = USBTMCReply(tag: 4, requested: 100, quirks: [])
    for _ in 0..<4 { #expect(try reply.add(Self.transfer([9], tag: 3)) == .readOn) }
    #expect(throws: LinkError.malformed("the tag 3 instead of 4")) {
      try reply.add(Self.transfer([9], tag: 3))
    }
  }

  @Test(
    arguments: [
      ([2, 4, 0xFB], "a USBTMC header of 3 bytes instead of 12"),
      (transfer([1], tag: 4, kind: 1), "message 1 instead of a reply (2)"),
      ([2, 4, 4] + transfer([1], tag: 4)[3...], "the tag 4 with 4 as its complement"),
      (transfer([1], tag: 4, size: 101), "101 bytes, but 100 were requested"),
      (transfer([1], tag: 4, size: 0xFFFF_FFFF), "4294967295 bytes, but 100 were requested"),
    ] as [([UInt8], String)])
  func whatBreaksTheRulesIsRefused(bytes: [UInt8], reason: String) {
    var reply = USBTMCReply(tag: 4, requested: 100, quirks: [])
    #expect(throws: LinkError.malformed(reason)) { try reply.add(bytes) }
    #expect(reply.content.isEmpty)
  }

  @Test func quirksAreMadeUpFor() throws {
    var reply = USBTMCReply(tag: 4, requested: 100, quirks: [.anyTag, .trailingZeros])
    #expect(try reply.add(Self.transfer([1, 10, 0, 0], tag: 77)) == .done(isEnd: true))
    #expect(reply.content == [1, 10])
  }

  /// However bytes come, a reply ends, stays within what was asked for, and
  /// has nothing in it that was not sent.
  @Test func anyBytesAreTakenOrRefused() {
    var random = RandomStream(seed: 11, name: "usbtmc")
    var whole = 0
    for _ in 0..<20_000 {
      let requested = Int(random.uniform(0, 300))
      let tag = UInt8(random.uniform(1, 255.9))
      var reply = USBTMCReply(tag: tag, requested: requested, quirks: [])
      var sent = 0
      reading: for _ in 0..<200 {
        var bytes = (0..<Int(random.uniform(0, 100))).map { _ in UInt8(random.uniform(0, 255.9)) }
        // Mostly right, or nothing gets past the header.
        if random.uniform() < 0.9 {
          bytes = Self.transfer(
            bytes, tag: random.uniform() < 0.8 ? tag : 3,
            size: random.uniform() < 0.7 ? nil : Int(random.uniform(0, 400)))
        }
        sent += bytes.count
        switch Result(catching: { try reply.add(bytes) }) {
        case .success(.readOn): continue
        case .success(.done):
          whole += 1
          break reading
        case .failure: break reading
        }
      }
      #expect(reply.content.count <= min(requested, sent))
    }
    #expect(whole > 5000)
  }
}

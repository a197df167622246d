import Foundation
import SaltireCore
import SaltireTesting
import Testing

@testable import SaltireLinks

@Suite struct USBTMCLinkTests {
  private static var soon: Deadline { .after(20) }

  @Test(arguments: ["64", "512"])
  func conforms(packet: String) throws {
    try LinkConformance {
      let device = try EmulatedUSB(["backend": "peer", "packet": packet])
      return (try device.open(), device.peer)
    }.run()
  }

  private static func ask(_ question: String, _ link: USBTMCLink) throws -> String {
    try link.send(Array("\(question)\n".utf8), deadline: soon)
    return String(decoding: try link.receive(until: .byte(10), deadline: soon), as: UTF8.self)
  }

  /// What opening does to an instrument, and closing gives back.
  @Test func openingChangesNothing() throws {
    let device = try EmulatedUSB(["driver": "usbtmc"])
    #expect(HostSystem().ports.first { $0.serial == device.serial }?.driver == "usbtmc")
    do {
      let link = try device.open()
      let seen = try device.statistics()
      for name in [
        "clears", "resets", "set_configuration", "set_interface", "messages", "requests",
      ] {
        #expect(seen[name] == 0, "\(name)")
      }
      #expect(seen["claims"] == 1 && seen["halts_cleared"] == 0)
      #expect(try Self.ask("*IDN?", link) == "SALTIRE,EMULATED,\(device.serial),1.0\n")
      link.close()
    }
    let seen = try device.statistics()
    #expect(seen["releases"] == 1 && seen["attaches"] == 1 && seen["inflight"] == 0)
  }

  @Test func aDeviceIsFoundByWhatItsAddressSays() throws {
    let first = try EmulatedUSB(["pid": "0a01"])
    let second = try EmulatedUSB(["pid": "0a01"])
    let address = "USB0::0x1209::0x0A01"
    // As texts: T10 comes before T9.
    let both = [first, second].map(\.resource.description).sorted().joined(separator: " and ")
    #expect(
      throws: LinkError.unreachable(
        address: "\(address)::INSTR",
        reason: "more than one device matches: \(both)")
    ) { try USBTMCLink(Resource(parsing: "\(address)::INSTR")) }
    #expect(
      throws: LinkError.unreachable(
        address: "\(address)::NONE::INSTR", reason: "no such USB device is connected")
    ) { try USBTMCLink(Resource(parsing: "\(address)::NONE::INSTR")) }
    // Decimal, with an interface.
    let link = try USBTMCLink(Resource(parsing: "USB::4617::2561::\(second.serial)::0::INSTR"))
    #expect(try Self.ask("*IDN?", link).contains(second.serial))
  }

  @Test func aDeviceInUseIsBusy() throws {
    let device = try EmulatedUSB()
    let link = try device.open()
    let error = #expect(throws: LinkError.self) { try device.open() }
    guard case .busy = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try Self.ask("ECHO? still", link) == "still\n")
  }

  @Test func longMessagesComeThroughBothWays() throws {
    let device = try EmulatedUSB()
    defer { withExtendedLifetime(device) {} }
    let link = try device.open()
    for count in [0, 1, 51, 52, 53, 499, 500, 501, 4096, 16_384, 65_537, 1 << 20] {
      let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
      try link.send(Array("DATA ".utf8) + DataBlock.wrap(content) + [10], deadline: Self.soon)
      try link.send(Array("DATA?\n".utf8), deadline: Self.soon)
      let block = try link.receive(until: .block, deadline: Self.soon)
      #expect(try DataBlock.content(of: block) == content)
    }
  }

  /// The LF among the bytes of such a block is no end.
  @Test func blocksOfUnknownLengthEndWithTheirMessage() throws {
    let device = try EmulatedUSB()
    defer { withExtendedLifetime(device) {} }
    let link = try device.open()
    for count in [0, 10, 11, 500, 70_000] {
      try link.send(Array("BLOCK0? \(count)\n".utf8), deadline: Self.soon)
      let block = try link.receive(until: .block, deadline: Self.soon)
      let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      #expect(try DataBlock.content(of: block) == content)
    }
  }

  /// Replies of every length around that of a packet, where transfers of whole
  /// packets end with one of nothing.
  @Test(arguments: ["64", "512"])
  func repliesOfEveryLengthComeWhole(packet: String) throws {
    let device = try EmulatedUSB(["packet": packet])
    defer { withExtendedLifetime(device) {} }
    let link = try device.open()
    let size = Int(packet)!
    let counts = [Array(1...20), Array(size - 20...size + 8), Array(2 * size - 16...2 * size + 4)]
    for count in counts.joined() {
      let text = String(repeating: "x", count: count)
      #expect(try Self.ask("ECHO? \(text)", link) == "\(text)\n")
    }
  }

  /// A device that can ends its transfer at the character asked for; others
  /// send all, of which the rest is kept.
  @Test func aMessageIsCutAtACharacter() throws {
    let device = try EmulatedUSB()
    defer { withExtendedLifetime(device) {} }
    let link = try device.open()
    #expect(link.capabilities.endsAtCharacter)
    try link.send(Array("ECHO? one\rtwo\n".utf8), deadline: Self.soon)
    #expect(try link.receive(until: .byte(13), deadline: Self.soon) == Array("one\r".utf8))
    #expect(try device.statistics()["requests"] == 1)
    #expect(try link.receive(until: .byte(10), deadline: Self.soon) == Array("two\n".utf8))
    #expect(try device.statistics()["requests"] == 2)
  }

  /// Or a reading would lose its last digit with the line end it has not.
  @Test func aReplyWithoutALineEndGetsOne() throws {
    let device = try EmulatedUSB(["backend": "peer"])
    let link = try device.open()
    try device.control("say 312e32452d3035")
    #expect(try link.receive(until: .byte(10), deadline: Self.soon) == Array("1.2E-05\n".utf8))
  }

  @Test func noReplyIsLostInTwoThousand() throws {
    let device = try EmulatedUSB()
    defer { withExtendedLifetime(device) {} }
    let link = try device.open()
    for index in 0..<2000 { #expect(try Self.ask("ECHO? \(index)", link) == "\(index)\n") }
  }

  // MARK: USB488

  @Test(arguments: ["yes", "no"])
  func theStatusByteIsReadWithoutAMessage(interrupt: String) throws {
    let device = try EmulatedUSB(["interrupt": interrupt])
    let link = try device.open()
    #expect(try link.statusByte(deadline: Self.soon) & 0x10 == 0)
    try link.send(Array("*IDN?\n".utf8), deadline: Self.soon)
    // Message available.
    #expect(try link.statusByte(deadline: Self.soon) & 0x10 == 0x10)
    _ = try link.receive(until: .byte(10), deadline: Self.soon)
    try device.control("faults status-busy")
    for _ in 0..<300 { #expect(try link.statusByte(deadline: Self.soon) & 0x10 == 0) }
  }

  @Test func aServiceRequestIsHeard() throws {
    let device = try EmulatedUSB()
    let link = try device.open()
    #expect(try link.serviceRequest(deadline: .after(0.01)) == nil)
    try device.control("raise 41")
    #expect(try link.serviceRequest(deadline: Self.soon) == 0x41)
    #expect(try link.statusByte(deadline: Self.soon) & 0x10 == 0)
    let mute = try EmulatedUSB(["interrupt": "no"])
    defer { withExtendedLifetime(mute) {} }
    let plain = try mute.open()
    #expect(throws: LinkError.unsupported("service request")) {
      try plain.serviceRequest(deadline: Self.soon)
    }
  }

  @Test func triggerRemoteAndLocalReachTheDevice() throws {
    let device = try EmulatedUSB()
    let link = try device.open()
    try link.trigger(deadline: Self.soon)
    try link.trigger(deadline: Self.soon)
    #expect(try device.statistics()["triggers"] == 2)
    try link.goToRemote(deadline: Self.soon)
    #expect(try device.statistics()["ren"] == 1)
    try link.goToLocal(deadline: Self.soon)
    #expect(try device.statistics()["remote"] == 0)
    let simple = try EmulatedUSB(["usb488": "no"])
    defer { withExtendedLifetime(simple) {} }
    let plain = try simple.open()
    #expect(throws: LinkError.unsupported("trigger")) { try plain.trigger(deadline: Self.soon) }
    link.close()
    let broken = try device.open(quirks: [.noRemote])
    #expect(throws: LinkError.unsupported("switch to remote")) {
      try broken.goToRemote(deadline: Self.soon)
    }
  }

  // MARK: Steps to recover

  @Test func stepsAreThoseThatTheDeviceBears() throws {
    let device = try EmulatedUSB()
    let link = try device.open(quirks: [.noClear, .reset])
    #expect(link.recoverySteps == [.abort, .clearHalts, .reset, .reopen])
    #expect(throws: LinkError.unsupported("device clear")) { try link.clear() }
    try link.recover(by: .reset, deadline: Self.soon)
    let seen = try device.statistics()
    #expect(seen["clears"] == 0 && seen["resets"] == 1)
    #expect(try Self.ask("ECHO? on", link) == "on\n")
  }

  /// An interrupted query is aborted, and its answer never taken for another.
  @Test func anInterruptedQueryIsAborted() throws {
    let device = try EmulatedUSB(faults: "hang")
    let link = try device.open()
    try link.send(Array("ECHO? one\n".utf8), deadline: Self.soon)
    let interrupt = link.interrupt
    Thread.detachNewThread {
      while (try? device.statistics()["requests"]) == 0 {}
      interrupt.fire()
    }
    #expect(throws: LinkError.interrupted) {
      try link.receive(until: .byte(10), deadline: Self.soon)
    }
    link.interrupt.acknowledge()
    #expect(try device.statistics()["aborts_in"] == 1)
    for word in ["two", "three"] { #expect(try Self.ask("ECHO? \(word)", link) == "\(word)\n") }
  }
}

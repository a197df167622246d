import SaltireLinks
import SaltireTesting
import Testing

@Suite struct RecordTests {
  @Test func aRecordingLinkConforms() throws {
    try LinkConformance {
      let (host, device) = try StreamLink.pair()
      return (
        RecordingLink(host) { _ in },
        LinkPeer(
          say: { try device.send($0, deadline: .after(10)) },
          hear: { try device.receive(until: .count($0), deadline: .after(10)) },
          hangUp: { device.close() })
      )
    }.run()
  }

  @Test func everythingIsRecordedInOrder() throws {
    let events = try Self.recorded()
    #expect(events.map { WireEvent($0.kind, bytes: $0.bytes) } == Self.conversation)
    #expect(events.map(\.time) == events.map(\.time).sorted())
    #expect(events.allSatisfy { $0.time > 0 })
  }

  /// What a recorded conversation was, its replay is.
  @Test func aRecordReplays() throws {
    let replay = try ReplayLink(Self.recorded())
    #expect(try Self.talk(over: replay, hangUp: {}) == Self.answers)
    try replay.verifyFinished()
  }

  @Test func aReplayRefusesWhatIsNotInTheRecord() throws {
    let replay = try ReplayLink(exchanges: ["*IDN?\n": "one\n", "*CLS\n": "", "*OPC?\n": "1\n"])
    #expect(throws: LinkError.offRecord(asked: "sent \"*RST\\n\"", recorded: "sent \"*IDN?\\n\"")) {
      try replay.send(Array("*RST\n".utf8), deadline: .after(1))
    }
    #expect(throws: LinkError.offRecord(asked: "received", recorded: "sent \"*IDN?\\n\"")) {
      try replay.receive(until: .byte(10), deadline: .after(1))
    }
    #expect(
      throws: LinkError.offRecord(
        asked: "step to recover: device clear", recorded: "sent \"*IDN?\\n\"")
    ) {
      try replay.clear()
    }
    // It goes on where it was.
    try replay.send(Array("*IDN?\n".utf8), deadline: .after(1))
    #expect(throws: LinkError.offRecord(asked: "sent \"x\"", recorded: "received \"one\\n\"")) {
      try replay.send(Array("x".utf8), deadline: .after(1))
    }
    #expect(try replay.receive(until: .byte(10), deadline: .after(1)) == Array("one\n".utf8))
    try replay.send(Array("*CLS\n".utf8), deadline: .after(1))
    let error = #expect(throws: LinkNonconformance.self) { try replay.verifyFinished() }
    #expect(error?.description == "still expected: sent \"*OPC?\\n\", 2 in all")
    try replay.send(Array("*OPC?\n".utf8), deadline: .after(1))
    #expect(try replay.receive(until: .byte(10), deadline: .after(1)) == Array("1\n".utf8))
    try replay.verifyFinished()
    #expect(throws: LinkError.disconnected) { try replay.send([1], deadline: .after(1)) }
  }

  @Test func aReplayIsInterruptedAndClosedLikeALink() throws {
    let replay = try ReplayLink(exchanges: ["a": "b"])
    replay.interrupt.fire()
    #expect(throws: LinkError.interrupted) { try replay.send([97], deadline: .after(1)) }
    replay.interrupt.acknowledge()
    try replay.send([97], deadline: .after(1))
    replay.close()
    #expect(throws: LinkError.closed) { try replay.receive(until: .count(1), deadline: .after(1)) }
  }

  // MARK: A conversation

  private static let answers = ["SALTIRE\n", "timeout(received: 0)", "ready\n", "disconnected"]

  private static let conversation = [
    WireEvent(.sent, bytes: Array("*IDN?\n".utf8)),
    WireEvent(.received, bytes: Array("SALTIRE\n".utf8)),
    WireEvent(.failed(.timeout(received: 0))), WireEvent(.recovered(.clear)),
    WireEvent(.received, bytes: Array("ready\n".utf8)),
    WireEvent(.failed(.disconnected), bytes: Array("*RST\n".utf8)),
  ]

  private static func recorded() throws -> [WireEvent] {
    let (host, device) = try StreamLink.pair()
    try device.send(Array("SALTIRE\n".utf8), deadline: .after(10))
    var events: [WireEvent] = []
    let link = RecordingLink(host) { event in
      events.append(event)
      if event.kind == .recovered(.clear) {
        try? device.send(Array("ready\n".utf8), deadline: .after(10))
      }
    }
    #expect(try talk(over: link, hangUp: device.close) == answers)
    return events
  }

  /// What is said and heard over a link, errors by their names.
  private static func talk(over link: any Link, hangUp: () -> Void) throws -> [String] {
    var heard: [String] = []
    func hear(_ seconds: Double) {
      do throws(LinkError) {
        heard.append(
          String(
            decoding: try link.receive(until: .byte(10), deadline: .after(seconds)),
            as: UTF8.self))
      } catch {
        heard.append("\(error)")
      }
    }
    try link.send(Array("*IDN?\n".utf8), deadline: .after(10))
    hear(10)
    hear(0.01)
    try link.clear()
    hear(10)
    hangUp()
    do throws(LinkError) {
      try link.send(Array("*RST\n".utf8), deadline: .after(10))
    } catch {
      heard.append("\(error)")
    }
    return heard
  }
}

import Foundation
import SaltireCore
import SaltireLinks
import SaltireTesting
import Synchronization
import Testing

/// On a simulated adapter behind a pseudo-terminal or a socket.
@Suite struct PrologixLinkTests {
  @Test(arguments: SimulatedPrologix.Kind.allCases)
  func aLinkOverASerialPortConforms(kind: SimulatedPrologix.Kind) throws {
    try LinkConformance {
      let rig = try GPIBRig(kind)
      return (try rig.link("24"), rig.prologix.peer("24", hangUp: rig.terminal.unplug))
    }.run()
  }

  @Test func aLinkOverTCPConforms() throws {
    try LinkConformance {
      let prologix = SimulatedPrologix(.prologix, ["9 96": SimulatedGPIBDevice()])
      let server = try ServedSocket(prologix.receive)
      let adapter = PrologixAdapter(name: "adapter") { [port = server.port] () throws(LinkError) in
        try StreamLink.connect(host: "127.0.0.1", port: port, deadline: .after(10))
      }
      let address = try #require(GPIBAddress(primary: 9, secondary: 0))
      return (try adapter.link(to: address), prologix.peer("9 96", hangUp: server.hangUp))
    }.run()
  }

  // MARK: What is sent

  @Test func openingSaysNothingToInstrumentsAndWearsNoMemory() throws {
    for kind in SimulatedPrologix.Kind.allCases {
      let rig = try GPIBRig(kind)
      let first = try rig.link("24")
      let second = try rig.link("25")
      for link in [first, second, first] {
        _ = try? link.statusByte(deadline: .after(10))
      }
      #expect(rig["24"].heard == [] && rig["25"].heard == [])
      #expect(rig["24"].facts == .init() && rig["25"].facts == .init())
      #expect(rig.prologix.memoryWrites == 0)
      #expect(rig.prologix.complaints == [])
      #expect(rig.prologix["auto"] == "0" && rig.prologix["eos"] == "3")
    }
  }

  /// Any bytes, those that mean something to the adapter often.
  @Test func everyMessageArrivesAsItIs() throws {
    let rig = try GPIBRig()
    let link = try rig.link("24")
    var random = RandomStream(seed: 488)
    let special: [UInt8] = [10, 13, 27, 43, 4, 0]
    for _ in 0..<300 {
      let message = (0...Int(random.uniform() * 40)).map { _ -> UInt8 in
        random.uniform() < 0.5
          ? special[Int(random.uniform() * 6)] : UInt8(random.uniform() * 256)
      }
      try link.send(message, deadline: .after(10))
      #expect(rig["24"].hear(message.count) == message)
    }
    try link.send(Array("++addr 25\n".utf8), deadline: .after(10))
    #expect(rig["24"].hear(10) == Array("++addr 25\n".utf8))
    #expect(rig.prologix.complaints == [])
  }

  // MARK: What comes

  @Test func dataWithTheAdaptersMarkComeWhole() throws {
    let rig = try GPIBRig()
    let link = try rig.link("24")
    var random = RandomStream(seed: 4)
    for end in [[], [10]] as [[UInt8]] {
      for length in [0, 1, 20, 5000] {
        let content = (0..<length).map { _ in [4, 10, 13, 43, 200][Int(random.uniform() * 5)] }
          .map(UInt8.init)
        rig["24"].say(DataBlock.wrap(content) + end, isEnd: true)
        let message = try link.receive(until: .block, deadline: .after(10))
        #expect(try DataBlock.content(of: message) == content)
        rig["24"].say(Array("#0".utf8) + content + end, isEnd: true)
        let indefinite = try link.receive(until: .block, deadline: .after(10))
        #expect(indefinite == Array("#0".utf8) + content + end)
      }
    }
  }

  @Test func aLineThatOnlyEOIEndsIsALine() throws {
    let rig = try GPIBRig()
    let link = try rig.link("24")
    rig["24"].say(Array("one".utf8), isEnd: true)
    rig["24"].say(Array("two\nthree\n".utf8))
    for line in ["one\n", "two\n", "three\n"] {
      #expect(try link.receive(until: .byte(10), deadline: .after(10)) == Array(line.utf8))
    }
  }

  @Test func anAnswerThatTakesLongerThanASliceComes() throws {
    let rig = try GPIBRig()
    let link = try rig.link("24")
    let device = rig["24"]
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.3)
      device.say(Array("la".utf8))
      Thread.sleep(forTimeInterval: 0.2)
      device.say(Array("te\n".utf8))
    }
    #expect(try link.receive(until: .byte(10), deadline: .after(30)) == Array("late\n".utf8))
  }

  // MARK: Beside messages

  @Test func whatTheBusDoesReachesOneInstrument() throws {
    let rig = try GPIBRig()
    let link = try rig.link("24")
    let other = try rig.link("25")
    rig["24"].facts.statusByte = 80
    rig["25"].facts.statusByte = 255
    #expect(try link.statusByte(deadline: .after(10)) == 80)
    #expect(try other.statusByte(deadline: .after(10)) == 255)
    try link.send([65, 10], deadline: .after(10))
    try link.trigger(deadline: .after(10))
    #expect(rig["24"].facts.triggers == 1 && rig["24"].facts.isRemote)
    try link.goToLocal(deadline: .after(10))
    #expect(!rig["24"].facts.isRemote)
    try link.clear()
    #expect(rig["24"].facts.clears == 1)
    var untouched = SimulatedGPIBDevice.Facts()
    untouched.statusByte = 255
    #expect(rig["25"].facts == untouched)
    #expect(throws: LinkError.unsupported("command to enter remote mode")) {
      try link.goToRemote(deadline: .after(10))
    }
    #expect(throws: LinkError.unsupported("reset")) {
      try link.recover(by: .reset, deadline: .after(10))
    }
  }

  @Test func anAddressWithoutAnInstrumentHasNoStatusByte() throws {
    let link = try GPIBRig().link("7")
    #expect(throws: LinkError.timeout(received: 0)) { try link.statusByte(deadline: .after(10)) }
  }

  // MARK: Adapters

  @Test func whatIsNoAdapterIsUnreachable() throws {
    let terminal = try PseudoTerminal()
    let adapter = PrologixAdapter(name: "ASRL/dev/ttyX::INSTR") {
      [path = terminal.path] () throws(LinkError) in try SerialLink.open(port: path)
    }
    let address = try #require(GPIBAddress(primary: 24))
    #expect(
      throws: LinkError.unreachable(
        address: "ASRL/dev/ttyX::INSTR", reason: "the GPIB adapter does not respond")
    ) {
      try adapter.link(to: address)
    }
    // It is not kept from others.
    _ = try SerialLink.open(port: terminal.path)
  }

  @Test func theLastToCloseLetsGoOfTheAdapter() throws {
    let rig = try GPIBRig()
    // What answers on a pseudo-terminal would end with its last user.
    let held = open(rig.terminal.path, O_RDWR | O_NOCTTY)
    defer { close(held) }
    let first = try rig.link("24")
    let second = try rig.link("25")
    first.close()
    #expect(throws: LinkError.self) { try SerialLink.open(port: rig.terminal.path) }
    second.close()
    try SerialLink.open(port: rig.terminal.path).close()
    // And it opens again.
    rig["24"].say(Array("on\n".utf8))
    #expect(
      try rig.link("24").receive(until: .byte(10), deadline: .after(10)) == Array("on\n".utf8))
  }

  @Test(arguments: [
    (UInt8(30), UInt8?.none, "30"), (9, 0, "9 96"), (9, 96, "9 96"), (0, 30, "0 126"),
    (31, nil, nil), (1, 31, nil), (1, 95, nil), (1, 127, nil),
  ])
  func addresses(primary: UInt8, secondary: UInt8?, text: String?) {
    #expect(GPIBAddress(primary: primary, secondary: secondary)?.description == text)
  }
}

/// An adapter on a pseudo-terminal, with devices at 24 and 25.
final class GPIBRig: Sendable {
  let terminal: PseudoTerminal
  let prologix: SimulatedPrologix
  private let devices: [String: SimulatedGPIBDevice]
  private let adapter: PrologixAdapter

  init(
    _ kind: SimulatedPrologix.Kind = .prologix,
    _ devices: [String: SimulatedGPIBDevice] = [
      "24": SimulatedGPIBDevice(), "25": SimulatedGPIBDevice(),
    ]
  ) throws {
    self.devices = devices
    let prologix = SimulatedPrologix(kind, devices)
    let terminal = try PseudoTerminal()
    terminal.serve(prologix.receive)
    (self.prologix, self.terminal) = (prologix, terminal)
    adapter = PrologixAdapter(name: "adapter") { [path = terminal.path] () throws(LinkError) in
      try SerialLink.open(port: path)
    }
  }

  subscript(address: String) -> SimulatedGPIBDevice { devices[address]! }

  func link(_ address: String) throws -> PrologixLink {
    try adapter.link(to: try #require(UInt8(address).flatMap { GPIBAddress(primary: $0) }))
  }
}

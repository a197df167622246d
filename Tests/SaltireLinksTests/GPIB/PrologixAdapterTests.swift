import Foundation
import SaltireLinks
import SaltireTesting
import Synchronization
import Testing

/// Two instruments on one adapter, each used from a thread of its own.
@Suite struct PrologixAdapterTests {
  /// Answers question `n` of instrument `name` with `name:n`.
  private static func echo(_ name: String) -> SimulatedGPIBDevice {
    SimulatedGPIBDevice { Array("\(name):".utf8) + $0 }
  }

  @Test func everyoneGetsTheirOwnAnswers() throws {
    let rig = try GPIBRig(.prologix, ["24": Self.echo("a"), "25": Self.echo("b")])
    let wrong = Mutex<[String]>([])
    try inParallel([("24", "a"), ("25", "b")]) { address, name in
      let link = try rig.link(address)
      for n in 0..<200 {
        try link.send(Array("\(n)\n".utf8), deadline: .after(30))
        let answer = try link.receive(until: .byte(10), deadline: .after(30))
        if answer != Array("\(name):\(n)\n".utf8) {
          wrong.withLock { $0.append(String(decoding: answer, as: UTF8.self)) }
        }
      }
    }
    #expect(wrong.withLock { $0 } == [])
    #expect(rig.prologix.complaints == [])
  }

  @Test func oneThatIsSilentDoesNotHoldTheOtherUp() throws {
    let rig = try GPIBRig(.prologix, ["24": SimulatedGPIBDevice(), "25": Self.echo("b")])
    let isOver = Atomic(false)
    try inParallel(["24", "25"]) { address in
      let link = try rig.link(address)
      if address == "24" {
        while !isOver.load(ordering: .relaxed) {
          #expect(throws: LinkError.timeout(received: 0)) {
            try link.receive(until: .byte(10), deadline: .after(0.3))
          }
        }
        return
      }
      defer { isOver.store(true, ordering: .relaxed) }
      for n in 0..<10 {
        // A send and a receive, each behind one slice of the other.
        let deadline = Deadline.after(2)
        try link.send(Array("\(n)\n".utf8), deadline: deadline)
        #expect(
          try link.receive(until: .byte(10), deadline: deadline) == Array("b:\(n)\n".utf8))
      }
    }
  }

  /// What one says after it was given up is not the other's answer, nor lost.
  @Test func aLateAnswerStaysWhereItBelongs() throws {
    let rig = try GPIBRig()
    let first = try rig.link("24")
    let second = try rig.link("25")
    #expect(throws: LinkError.timeout(received: 0)) {
      try first.receive(until: .byte(10), deadline: .after(0.01))
    }
    rig["24"].say(Array("late\n".utf8))
    #expect(throws: LinkError.timeout(received: 0)) {
      try second.receive(until: .byte(10), deadline: .after(0.2))
    }
    rig["25"].say(Array("its own\n".utf8))
    #expect(
      try second.receive(until: .byte(10), deadline: .after(10)) == Array("its own\n".utf8))
    #expect(try first.receive(until: .byte(10), deadline: .after(10)) == Array("late\n".utf8))
  }

  /// An answer that begins while its reader is being interrupted.
  @Test func whatComesDuringAnInterruptIsKept() throws {
    let rig = try GPIBRig()
    let link = try rig.link("24")
    let other = try rig.link("25")
    for _ in 0..<20 {
      let interrupt = link.interrupt
      whenThisThreadSleeps { [device = rig["24"]] in
        device.say(Array("half a ".utf8))
        interrupt.fire()
      }
      #expect(throws: LinkError.interrupted) {
        try link.receive(until: .byte(10), deadline: .after(60))
      }
      rig["25"].say(Array("other\n".utf8))
      #expect(
        try other.receive(until: .byte(10), deadline: .after(10)) == Array("other\n".utf8))
      interrupt.acknowledge()
      rig["24"].say(Array("message\n".utf8))
      #expect(
        try link.receive(until: .byte(10), deadline: .after(10)) == Array("half a message\n".utf8))
    }
  }

  @Test func anInterruptEndsOnlyItsOwnCall() throws {
    let rig = try GPIBRig()
    let interrupts = Mutex<[LinkInterrupt]>([])
    try inParallel(["24", "25"]) { address in
      let link = try rig.link(address)
      interrupts.withLock { $0.append(link.interrupt) }
      if address == "24" {
        #expect(throws: LinkError.interrupted) {
          try link.receive(until: .byte(10), deadline: .after(60))
        }
        rig["25"].say(Array("on\n".utf8))
      } else {
        Thread.detachNewThread { [own = link.interrupt] in
          // Both are asked to talk by now, in turns.
          Thread.sleep(forTimeInterval: 0.2)
          for other in interrupts.withLock({ $0 }) where other !== own { other.fire() }
        }
        #expect(try link.receive(until: .byte(10), deadline: .after(60)) == Array("on\n".utf8))
      }
    }
  }

  @Test func unpluggingTheAdapterEndsAllCallsAtOnce() throws {
    let rig = try GPIBRig()
    let deadline = Deadline.after(60)
    try inParallel(["24", "25"]) { address in
      let link = try rig.link(address)
      if address == "24" {
        Thread.detachNewThread { [terminal = rig.terminal] in
          Thread.sleep(forTimeInterval: 0.2)
          terminal.unplug()
        }
      }
      #expect(throws: LinkError.disconnected) {
        try link.receive(until: .byte(10), deadline: deadline)
      }
      #expect(throws: LinkError.disconnected) { try link.send([10], deadline: .after(1)) }
      #expect(throws: LinkError.disconnected) { try link.clear() }
    }
    #expect(deadline.remaining > 0)
  }

  /// A new cable serves those that were connected before, too.
  @Test func anAdapterThatWasPluggedInAgainIsOpenedAnew() throws {
    let prologix = SimulatedPrologix(.prologix, ["24": Self.echo("a"), "25": Self.echo("b")])
    let plugged = Mutex<PseudoTerminal?>(nil)
    @Sendable func plug() throws {
      let terminal = try PseudoTerminal()
      terminal.serve(prologix.receive)
      plugged.withLock { $0 = terminal }
    }
    try plug()
    let adapter = PrologixAdapter(name: "adapter") { () throws(LinkError) in
      try SerialLink.open(port: plugged.withLock { $0?.path ?? "" })
    }
    func link(_ primary: UInt8) throws -> PrologixLink {
      try adapter.link(to: try #require(GPIBAddress(primary: primary)))
    }
    let first = try link(24)
    let second = try link(25)
    plugged.withLock { $0?.unplug() }
    #expect(throws: LinkError.disconnected) {
      try first.receive(until: .byte(10), deadline: .after(60))
    }
    #expect(throws: LinkError.disconnected) { try second.send([65, 10], deadline: .after(1)) }
    try plug()
    first.close()
    let again = try link(24)
    for (link, name) in [(again, "a"), (second, "b")] {
      try link.send(Array("x\n".utf8), deadline: .after(10))
      #expect(
        try link.receive(until: .byte(10), deadline: .after(10)) == Array("\(name):x\n".utf8))
    }
  }

  /// While an instrument does not let the bus go on, everybody is told so, and
  /// afterwards nobody hears what was meant for another.
  @Test func anInstrumentThatHoldsTheBusIsToldOf() throws {
    let rig = try GPIBRig(.prologix, ["24": SimulatedGPIBDevice(), "25": Self.echo("b")])
    let holding = try rig.link("24")
    let other = try rig.link("25")
    rig["24"].facts.isHolding = true
    try holding.send(Array("x\n".utf8), deadline: .after(10))
    let dead = LinkError.unreachable(
      address: "adapter", reason: "the GPIB adapter does not respond")
    #expect(throws: dead) { try holding.receive(until: .byte(10), deadline: .after(0.1)) }
    #expect(throws: dead) { try other.send(Array("1\n".utf8), deadline: .after(0.1)) }
    rig["24"].facts.isHolding = false
    rig["24"].say(Array("for nobody else\n".utf8))
    try other.send(Array("2\n".utf8), deadline: .after(10))
    #expect(try other.receive(until: .byte(10), deadline: .after(10)) == Array("b:2\n".utf8))
  }
}

/// Does the same for all of them at once, each on a thread of its own, and
/// throws what the first that failed threw.
private func inParallel<Item: Sendable>(
  _ items: [Item], _ body: @escaping @Sendable (Item) throws -> Void
) throws {
  let group = DispatchGroup()
  let failure = Mutex<(any Error)?>(nil)
  for item in items {
    group.enter()
    Thread.detachNewThread {
      do { try body(item) } catch { failure.withLock { $0 = $0 ?? error } }
      group.leave()
    }
  }
  group.wait()
  if let error = failure.withLock({ $0 }) { throw error }
}

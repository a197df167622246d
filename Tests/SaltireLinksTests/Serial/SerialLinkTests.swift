import CPtyShim
import Foundation
import SaltireLinks
import SaltireTesting
import Testing

/// On pseudo-terminals, through the unmodified libserialport.
@Suite struct SerialLinkTests {
  @Test func aPortConforms() throws {
    try LinkConformance {
      let terminal = try PseudoTerminal()
      return (try SerialLink.open(port: terminal.path), terminal.peer)
    }.run()
  }

  // MARK: Ends of a blocked call

  @Test func unpluggingEndsABlockedReceiveLongBeforeTheDeadline() throws {
    let terminal = try PseudoTerminal()
    let link = try SerialLink.open(port: terminal.path)
    try terminal.say(Array("half a mess".utf8))
    let deadline = Deadline.after(60)
    whenThisThreadSleeps { terminal.unplug() }
    #expect(throws: LinkError.disconnected) {
      try link.receive(until: .byte(10), deadline: deadline)
    }
    #expect(deadline.remaining > 0)
  }

  @Test func anInterruptEndsABlockedReceiveAndKeepsWhatHasCome() throws {
    let terminal = try PseudoTerminal()
    let link = try SerialLink.open(port: terminal.path)
    try terminal.say(Array("half a ".utf8))
    let interrupt = link.interrupt
    whenThisThreadSleeps { interrupt.fire() }
    #expect(throws: LinkError.interrupted) {
      try link.receive(until: .byte(10), deadline: .after(60))
    }
    interrupt.acknowledge()
    try terminal.say(Array("message\n".utf8))
    #expect(
      try link.receive(until: .byte(10), deadline: .after(60)) == Array("half a message\n".utf8))
  }

  @Test func everythingElseSaysThatAnUnpluggedPortIsGone() throws {
    let terminal = try PseudoTerminal()
    let link = try SerialLink.open(port: terminal.path)
    try terminal.say(Array("one\ntwo\n".utf8))
    #expect(try link.receive(until: .byte(10), deadline: .after(60)) == Array("one\n".utf8))
    terminal.unplug()
    // Bytes behind a terminator are the link's, not the port's.
    #expect(try link.receive(until: .byte(10), deadline: .after(60)) == Array("two\n".utf8))
    #expect(throws: LinkError.disconnected) { try link.send([1], deadline: .after(60)) }
    #expect(throws: LinkError.disconnected) { try link.clear() }
  }

  @Test func aDeviceThatReadsNothingIsATimeout() throws {
    let terminal = try PseudoTerminal()
    let link = try SerialLink.open(port: terminal.path)
    #expect(throws: LinkError.timeout(received: 0)) {
      try link.send([UInt8](repeating: 1, count: 1 << 20), deadline: .after(0.02))
    }
  }

  // MARK: Clearing

  @Test func clearingSendsTheClearByte() throws {
    let terminal = try PseudoTerminal()
    var settings = SerialSettings()
    settings.clearByte = 3
    let link = try SerialLink.open(port: terminal.path, settings: settings)
    try terminal.say(Array("stale\n".utf8))
    try link.clear()
    #expect(try terminal.hear(1) == [3])
    try terminal.say(Array("fresh\n".utf8))
    #expect(try link.receive(until: .byte(10), deadline: .after(60)) == Array("fresh\n".utf8))
  }

  // MARK: Pauses

  private static var pausable: SerialSettings {
    var settings = SerialSettings()
    settings.flow = .xonXoff
    settings.clearByte = 3
    return settings
  }

  /// Has the instrument ask for a pause, and waits until it is heard.
  private static func pause(_ link: SerialLink, by terminal: PseudoTerminal) throws {
    try terminal.say([19])
    while (try? link.send([1], deadline: .after(0.02))) != nil {}
  }

  /// What the instrument hears up to a byte.
  private static func heard(_ terminal: PseudoTerminal, until last: UInt8) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.last != last { bytes += try terminal.hear(1) }
    return bytes
  }

  @Test func anInstrumentThatAsksForAPauseHasIt() throws {
    let terminal = try PseudoTerminal()
    let link = try SerialLink.open(port: terminal.path, settings: Self.pausable)
    try Self.pause(link, by: terminal)
    #expect(throws: LinkError.timeout(received: 0)) { try link.send([2], deadline: .after(0.05)) }
    try terminal.say([17])
    try link.send([4], deadline: .after(60))
    #expect(try !Self.heard(terminal, until: 4).contains(2))
  }

  /// One that was switched off in its pause never ends it.
  @Test func clearingEndsThePausesOfBothSides() throws {
    let terminal = try PseudoTerminal()
    let link = try SerialLink.open(port: terminal.path, settings: Self.pausable)
    try Self.pause(link, by: terminal)
    try link.clear()
    #expect(try Self.heard(terminal, until: 3).suffix(2) == [17, 3])
    try link.send([4], deadline: .after(60))
    #expect(try terminal.hear(1) == [4])
  }

  // MARK: Settings

  @Test func opensWith9600BaudAndNoFlowControl() throws {
    let terminal = try Line(SerialSettings()).terminal
    #expect(cfgetispeed([terminal]) == speed_t(B9600))
    #expect(cfgetospeed([terminal]) == speed_t(B9600))
    #expect(terminal.c_cflag & tcflag_t(CSIZE | CSTOPB | PARENB) == tcflag_t(CS8))
    #expect(terminal.c_cflag & tcflag_t(CRTSCTS) == 0)
    #expect(terminal.c_iflag & tcflag_t(IXON | IXOFF) == 0)
    #expect(terminal.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0)
  }

  @Test(arguments: [
    (SerialSettings.Parity.none, Int32(0)), (.even, PARENB), (.odd, PARENB | PARODD),
  ])
  func parityReachesThePort(parity: SerialSettings.Parity, flags: Int32) throws {
    var settings = SerialSettings()
    settings.parity = parity
    let terminal = try Line(settings).terminal
    #expect(terminal.c_cflag & tcflag_t(PARENB | PARODD) == tcflag_t(flags))
  }

  @Test(arguments: [(5, CS5), (6, CS6), (7, CS7), (8, CS8)])
  func dataBitsReachThePort(count: Int, flags: Int32) throws {
    var settings = SerialSettings()
    settings.dataBits = count
    #expect(try Line(settings).terminal.c_cflag & tcflag_t(CSIZE) == tcflag_t(flags))
  }

  @Test func baudAndStopBitsReachThePort() throws {
    var settings = SerialSettings()
    settings.baud = 57_600
    settings.stopBits = 2
    let terminal = try Line(settings).terminal
    #expect(cfgetospeed([terminal]) == speed_t(B57600))
    #expect(terminal.c_cflag & tcflag_t(CSTOPB) != 0)
  }

  @Test func flowControlByCharactersReachesThePort() throws {
    var settings = SerialSettings()
    settings.flow = .xonXoff
    let terminal = try Line(settings).terminal
    #expect(terminal.c_iflag & tcflag_t(IXON | IXOFF) == tcflag_t(IXON | IXOFF))
    #expect(terminal.c_cflag & tcflag_t(CRTSCTS) == 0)
  }

  @Test func flowControlByLinesReachesThePort() throws {
    var settings = SerialSettings()
    settings.flow = .rtsCts
    let terminal = try Line(settings).terminal
    #expect(terminal.c_cflag & tcflag_t(CRTSCTS) != 0)
    #expect(terminal.c_iflag & tcflag_t(CRTSCTS) == 0)
    #expect(terminal.c_iflag & tcflag_t(IXON | IXOFF) == 0)
  }

  /// When DTR was on and RTS off before.
  @Test(arguments: [
    (SerialSettings.ControlLine.on, SerialSettings.ControlLine.off, ["DTR"]),
    (.off, .on, ["RTS"]), (.off, .off, []), (.off, .leave, []), (.leave, .on, ["DTR", "RTS"]),
  ])
  func outputLinesAreSet(
    dtr: SerialSettings.ControlLine, rts: SerialSettings.ControlLine, on: [String]
  ) throws {
    var settings = SerialSettings()
    (settings.dtr, settings.rts) = (dtr, rts)
    #expect(try Line(settings, before: TIOCM_DTR).raised == on)
  }

  // MARK: Ports that do not open

  @Test func errorsOfOpeningCanBeRead() throws {
    #expect(throws: LinkError.unreachable(address: "/dev/ttyNONE", reason: "no such port")) {
      try SerialLink.open(port: "/dev/ttyNONE")
    }
    #expect(throws: LinkError.unreachable(address: "/dev/null", reason: "not a serial port")) {
      try SerialLink.open(port: "/dev/null")
    }
  }

  @Test func aPortInUseIsBusyUntilItIsClosed() throws {
    let terminal = try PseudoTerminal()
    let link = try SerialLink.open(port: terminal.path)
    let error = #expect(throws: LinkError.self) { try SerialLink.open(port: terminal.path) }
    guard case .busy(let address, let holder?) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(address == terminal.path)
    #expect(holder.hasSuffix("(\(getpid()))"))
    link.close()
    let second = try SerialLink.open(port: terminal.path)
    try terminal.say([10])
    #expect(try second.receive(until: .byte(10), deadline: .after(60)) == [10])
  }

  /// A link to a port, as udev makes them in /dev/serial/by-id, is the port; messages have the name
  /// that was given.
  @Test func aLinkToAPortIsFollowed() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal()
    let name = folder.path("usb-TEST_Serial_0001-if00-port0")
    try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: terminal.path)
    let link = try SerialLink.open(port: name)
    try terminal.say([10])
    #expect(try link.receive(until: .byte(10), deadline: .after(60)) == [10])
    for other in [name, terminal.path] {
      let error = #expect(throws: LinkError.self) { try SerialLink.open(port: other) }
      guard case .busy(other, _?) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    link.close()
    let dangling = folder.path("usb-TEST_Serial_0002-if00-port0")
    try FileManager.default.createSymbolicLink(
      atPath: dangling, withDestinationPath: "/dev/ttyNONE")
    #expect(throws: LinkError.unreachable(address: dangling, reason: "no such port")) {
      try SerialLink.open(port: dangling)
    }
  }

  @Test func aPortOfOthersIsDenied() throws {
    let terminal = try PseudoTerminal()
    try #require(chmod(terminal.path, 0) == 0)
    // This thread alone stops being the superuser, should it be.
    setfsuid(65_534)
    defer { setfsuid(getuid()) }
    #expect(throws: LinkError.denied(address: terminal.path)) {
      try SerialLink.open(port: terminal.path)
    }
  }

  @Test(arguments: [(0, 8, 1), (9600, 9, 1), (9600, 8, 3), (9600, -1, 1)])
  func settingsThatNoPortHasAreRefused(baud: Int, dataBits: Int, stopBits: Int) throws {
    let terminal = try PseudoTerminal()
    var settings = SerialSettings()
    (settings.baud, settings.dataBits, settings.stopBits) = (baud, dataBits, stopBits)
    let error = #expect(throws: LinkError.self) {
      try SerialLink.open(port: terminal.path, settings: settings)
    }
    let reason = "\(baud) baud \(dataBits)N\(stopBits) is not possible"
    #expect(error == .unreachable(address: terminal.path, reason: reason))
  }
}

/// What the system knows of a port that was opened with these settings.
private struct Line {
  var terminal = termios()
  /// Output lines that are on.
  var raised: [String]

  init(_ settings: SerialSettings, before: Int32 = 0) throws {
    let port = try PseudoTerminal()
    let descriptor = open(port.path, O_RDWR | O_NOCTTY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var lines = before
    try #require(ioctl(descriptor, UInt(TIOCMSET), &lines) == 0)
    let link = try SerialLink.open(port: port.path, settings: settings)
    try #require(tcgetattr(descriptor, &terminal) == 0)
    try #require(ioctl(descriptor, UInt(TIOCMGET), &lines) == 0)
    raised = (lines & TIOCM_DTR != 0 ? ["DTR"] : []) + (lines & TIOCM_RTS != 0 ? ["RTS"] : [])
    link.close()
  }
}

public import SaltireLinks
import Foundation

/// The other end of a link, as a test controls it.
public struct LinkPeer {
  /// Sends bytes to the link.
  public var say: ([UInt8]) throws -> Void
  /// Returns this number of bytes that the link sent.
  public var hear: (Int) throws -> [UInt8]
  /// Closes the connection.
  public var hangUp: () -> Void
  /// Whether unread bytes are lost when it closes, as on a terminal.
  public var dropsUnread: Bool

  public init(
    say: @escaping ([UInt8]) throws -> Void, hear: @escaping (Int) throws -> [UInt8],
    hangUp: @escaping () -> Void, dropsUnread: Bool = false
  ) {
    self.say = say
    self.hear = hear
    self.hangUp = hangUp
    self.dropsUnread = dropsUnread
  }
}

/// A violation of the requirements of a link.
public struct LinkNonconformance: Error, Sendable, CustomStringConvertible {
  public var description: String
}

/// The requirements of this package on a `Link`: run it on every kind of link, including your own.
public struct LinkConformance {
  private let make: () throws -> (link: any Link, peer: LinkPeer)

  /// - Parameter make: a fresh link and its other end, for every check.
  public init(_ make: @escaping () throws -> (link: any Link, peer: LinkPeer)) {
    self.make = make
  }

  /// Runs all checks.
  ///
  /// - Throws: ``LinkNonconformance`` from the first that fails; whatever
  ///   `make` and the peer throw.
  public func run() throws {
    try messagesAreSeparated()
    try messagesComeInPieces()
    try sentBytesArrive()
    try silenceTimesOut()
    try clearForgets()
    try interruptEndsABlockedCall()
    try hangingUpIsNoTimeout()
    try closedStaysClosed()
  }

  private static let line = Terminator.byte(10)
  private static var soon: Deadline { .after(0.02) }
  private static var later: Deadline { .after(10) }

  private func messagesAreSeparated() throws {
    let (link, peer) = try make()
    try peer.say(Array("one\ntwo\nth".utf8))
    try expect(try link.receive(until: Self.line, deadline: Self.later), "one\n")
    try expect(try link.receive(until: Self.line, deadline: Self.later), "two\n")
    try expect(try link.receive(until: .count(2), deadline: Self.later), "th")
  }

  private func messagesComeInPieces() throws {
    let (link, peer) = try make()
    try peer.say(Array("par".utf8))
    try expect(.timeout(received: 3)) {
      _ = try link.receive(until: Self.line, deadline: Self.soon)
    }
    try peer.say(Array("t\n".utf8))
    try expect(try link.receive(until: Self.line, deadline: Self.later), "part\n")
  }

  private func sentBytesArrive() throws {
    let (link, peer) = try make()
    let message = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try link.send(message, deadline: Self.later)
    guard try peer.hear(message.count) == message else {
      throw LinkNonconformance(description: "what was sent did not arrive whole")
    }
    try link.send([], deadline: Self.later)
  }

  private func silenceTimesOut() throws {
    let (link, peer) = try make()
    // Keeps the peer alive: it would close when released.
    defer { withExtendedLifetime(peer) {} }
    try expect(.timeout(received: 0)) {
      _ = try link.receive(until: Self.line, deadline: Self.soon)
    }
  }

  private func clearForgets() throws {
    let (link, peer) = try make()
    try peer.say(Array("stale".utf8))
    try expect(.timeout(received: 5)) {
      _ = try link.receive(until: Self.line, deadline: Self.soon)
    }
    try peer.say(Array(" reply\n".utf8))
    try link.clear()
    try peer.say(Array("fresh\n".utf8))
    try expect(try link.receive(until: Self.line, deadline: Self.later), "fresh\n")
  }

  private func interruptEndsABlockedCall() throws {
    let (link, peer) = try make()
    let interrupt = link.interrupt
    Thread.detachNewThread { interrupt.fire() }
    try expect(.interrupted) { _ = try link.receive(until: Self.line, deadline: Self.later) }
    // The interrupt holds until it is acknowledged, also for sending.
    try expect(.interrupted) { try link.send([1], deadline: Self.later) }
    interrupt.acknowledge()
    try peer.say(Array("on\n".utf8))
    try expect(try link.receive(until: Self.line, deadline: Self.later), "on\n")
  }

  private func hangingUpIsNoTimeout() throws {
    let (link, peer) = try make()
    try peer.say(Array("last\n".utf8))
    peer.hangUp()
    if !peer.dropsUnread {
      try expect(try link.receive(until: Self.line, deadline: Self.later), "last\n")
    }
    try expect(.disconnected) { _ = try link.receive(until: Self.line, deadline: Self.later) }
  }

  private func closedStaysClosed() throws {
    let (link, peer) = try make()
    // Keeps the peer alive: it would close when released.
    defer { withExtendedLifetime(peer) {} }
    link.close()
    link.close()
    try expect(.closed) { _ = try link.receive(until: Self.line, deadline: Self.later) }
    try expect(.closed) { try link.send([1], deadline: Self.later) }
    try expect(.closed) { try link.clear() }
  }

  // MARK: Expectations

  private func expect(
    _ message: @autoclosure () throws -> [UInt8], _ text: String
  ) throws {
    let received = try message()
    guard received == Array(text.utf8) else {
      throw LinkNonconformance(
        description: "expected \(text.debugDescription), received"
          + " \(String(decoding: received, as: UTF8.self).debugDescription)")
    }
  }

  private func expect(_ error: LinkError, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let thrown as LinkError where thrown == error {
      return
    } catch let thrown {
      throw LinkNonconformance(description: "expected \(error), got \(thrown)")
    }
    throw LinkNonconformance(description: "expected \(error), but the call succeeded")
  }
}

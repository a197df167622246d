import SaltireLinks
import SaltireTesting
import Testing

/// The suite must find fault where there is one.
@Suite struct LinkConformanceTests {
  enum Fault: CaseIterable {
    case losesTheTerminator, losesWhatIsBehind, answersAfterClosing, sendsHalf
  }

  @Test(arguments: Fault.allCases)
  func aLinkWithAFaultDoesNotPass(fault: Fault) throws {
    #expect(throws: (any Error).self) {
      try LinkConformance {
        let (host, device) = try StreamLink.pair()
        return (
          FaultyLink(host, fault),
          LinkPeer(
            say: { try device.send($0, deadline: .after(10)) },
            hear: { try device.receive(until: .count($0), deadline: .after(0.05)) },
            hangUp: { device.close() })
        )
      }.run()
    }
  }
}

private final class FaultyLink: Link {
  private let inner: StreamLink
  private let fault: LinkConformanceTests.Fault

  init(_ inner: StreamLink, _ fault: LinkConformanceTests.Fault) {
    self.inner = inner
    self.fault = fault
  }

  var interrupt: LinkInterrupt { inner.interrupt }

  func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    let count = fault == .sendsHalf ? message.count / 2 : message.count
    try inner.send(Array(message.prefix(count)), deadline: deadline)
  }

  func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    let message = try inner.receive(until: terminator, deadline: deadline)
    if fault == .losesWhatIsBehind { try inner.clear() }
    return fault == .losesTheTerminator ? message.dropLast() : message
  }

  func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    try inner.recover(by: step, deadline: deadline)
  }

  func close() { if fault != .answersAfterClosing { inner.close() } }
}

import Foundation
import SaltireLinks
import Testing

@Suite struct SimulateTests {
  /// From the first word that it says on, Ctrl-C ends it in order.
  @Test func anInterruptAtOnceIsNotLost() async throws {
    for _ in 0..<40 {
      let server = try Running(["simulate", "keithley/2400", "--tcp", "127.0.0.1:0"])
      #expect(server.hears("Ctrl-C ends it"))
      server.interrupt()
      #expect(await server.end().0 == 0)
    }
  }

  @Test func aPortThatCannotBeListenedOnIsTold() async throws {
    let first = try Running(["simulate", "keithley/2400", "--tcp", "127.0.0.1:0"])
    #expect(first.hears("Ctrl-C ends it"))
    let port = try #require(first.printed().split(separator: "::").dropFirst(2).first)
    let second = try await Command("simulate", "keithley/2400", "--tcp", "127.0.0.1:\(port)")
    #expect(second.status == 75)
    #expect(second.errors.contains("port \(port) of 127.0.0.1 is in use"), "\(second.errors)")
    first.interrupt()
    #expect(await first.end().0 == 0)
    // Kept for documentation: no machine has it.
    let elsewhere = try await Command("simulate", "keithley/2400", "--tcp", "192.0.2.1:0")
    #expect(elsewhere.status == 74)
    #expect(elsewhere.errors.contains("not supported: address 192.0.2.1"))
  }

  /// Five instruments and a clock need six ports.
  @Test func portsBeyondTheLastAreErrors() async throws {
    let bench = "instruments/benches/simulated.yaml"
    let past = try await Command("simulate", bench, "--tcp", "127.0.0.1:65534")
    #expect(past.status == 74 || past.status == 75, "\(past.errors)")
    #expect(past.output.isEmpty)
    for option in ["--tcp", "--usbip"] {
      let command = try await Command("simulate", "keithley/2400", option, "127.0.0.1:70000")
      #expect(command.status == 64, "\(command.errors)")
      #expect(command.errors.contains("the highest port is 65535"))
    }
  }

  /// Whatever a client has it do, Ctrl-C ends it.
  @Test(arguments: [SIGINT, SIGTERM])
  func aBusyInstrumentEnds(signal: Int32) async throws {
    let server = try Running(["simulate", "keithley/2636b", "--tcp", "127.0.0.1:0"])
    #expect(server.hears("Ctrl-C ends it"))
    let port = try #require(
      server.printed().split(separator: "::").dropFirst(2).first.flatMap { UInt16($0) })
    let link = try StreamLink.connect(host: "127.0.0.1", port: port, deadline: .after(60))
    let long = "a, b = ('x'):rep(1e7) .. 'y', ('x'):rep(1e7) .. 'y' while a == b do end\n"
    try link.send(Array(String(repeating: long, count: 500).utf8), deadline: .after(60))
    server.send(signal)
    // In order where it was not busy yet.
    #expect([0, 130].contains(await server.end().status))
  }

  /// A client's unfinished question to the clock is not another's.
  @Test func clientsOfTheClockHaveLinesOfTheirOwn() async throws {
    let server = try Server("instruments/benches/simulated-one-device.yaml")
    let clock = try #require(
      server.printed().split(separator: "\n").last { $0.hasPrefix("clock:") })
    let port = try #require(clock.split(separator: "::").dropFirst(2).first.flatMap { UInt16($0) })
    func connect() throws -> StreamLink {
      try StreamLink.connect(host: "127.0.0.1", port: port, deadline: .after(60))
    }
    let first = try connect()
    try first.send(Array("wait 1".utf8), deadline: .after(60))
    let second = try connect()
    try second.send(Array("now?\n".utf8), deadline: .after(60))
    #expect(try second.receive(until: .byte(10), deadline: .after(60)) == Array("0.0\n".utf8))
    try first.send(Array("0\n".utf8), deadline: .after(60))
    #expect(try first.receive(until: .byte(10), deadline: .after(60)) == Array("10.0\n".utf8))
    // A line without end ends the connection.
    try second.send([UInt8](repeating: 120, count: 10_000), deadline: .after(60))
    #expect(throws: LinkError.disconnected) {
      try second.receive(until: .byte(10), deadline: .after(60))
    }
    #expect(await server.end().status == 0)
  }
}

import Foundation
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
    #expect(elsewhere.errors.contains("there is no address 192.0.2.1 here"))
  }
}

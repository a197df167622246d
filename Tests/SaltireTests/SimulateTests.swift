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
}

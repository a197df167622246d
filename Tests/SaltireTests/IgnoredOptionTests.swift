import Foundation
import SaltireRecords
import SaltireTesting
import Testing

/// An option that cannot have an effect is refused, not passed over.
@Suite struct IgnoredOptionTests {
  @Test func whatIsNotInASessionIsTold() async throws {
    let folder = try TemporaryFolder()
    let run = try await Command(
      "run", "protocols/crossed-swords.yaml", "--bench",
      "instruments/benches/simulated-one-device.yaml", "--out", folder.path("out"), "--set",
      "swords.pulses=20", "--set", "swords.cycles=1", "--json")
    let session = try #require(run.document?["session"]?.text)
    let nobody = try await Command("show", session, "--wire", "--instrument", "smu9")
    #expect(nobody.status == 65)
    #expect(nobody.errors.contains("instruments: smu1"), "\(nobody.errors)")
    #expect(try await Command("show", session, "--instrument", "smu1").status == 64)
    let along = try await Command("report", session, "--with", session)
    #expect(along.status == 65)
    #expect(along.errors.contains("has no learning curves"), "\(along.errors)")
  }
}

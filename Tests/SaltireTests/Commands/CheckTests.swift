import Foundation
import SaltireTesting
import Testing

/// `saltire check` of a definition.
@Suite struct CheckTests {
  @Test func aDefinitionIsHeldAgainstItsExchanges() async throws {
    let shipped = try await Command("check", "instruments/keithley/2400.yaml")
    #expect(shipped.status == 0, "\(shipped.errors)")
    #expect(shipped.output.contains("instruments/keithley/2400.yaml: defines 2400, "))
    #expect(shipped.output.contains("all agree with the definition and its simulation"))
    let refused = try await Command("check", "instruments/usmu/v10.yaml")
    #expect(refused.status == 0 && refused.output.contains("simulated only: it has no question"))

    let folder = try TemporaryFolder()
    for name in ["2400.yaml", "2400.exchanges"] {
      let source = Command.root.appendingPathComponent("instruments/keithley/\(name)")
      let text = try String(contentsOf: source, encoding: .utf8)
      _ = try folder.write(text.replacing("\n< 0\n", with: "\n< 17\n", maxReplacements: 1), name)
    }
    let changed = try await Command("check", folder.path("2400.yaml"))
    #expect(changed.status == 65)
    #expect(changed.errors.contains("the simulation answers '0' to ':SOUR:CLE:AUTO?', not '17'"))
    #expect(changed.errors.contains("2400.exchanges:38:1"))

    try FileManager.default.removeItem(at: folder["2400.exchanges"])
    let alone = try await Command("check", folder.path("2400.yaml"))
    #expect(alone.status == 65)
    #expect(alone.errors.contains("2400.exchanges"))
  }
}

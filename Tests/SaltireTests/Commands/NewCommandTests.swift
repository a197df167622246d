import Foundation
import SaltireTesting
import Testing

@Suite struct NewCommandTests {
  @Test func aNewInstrumentIsWrittenAndSaysWhatItLacks() async throws {
    let folder = try TemporaryFolder()
    let new = ["new", "instrument", "acme/X100", "--role", "pulse_source"]
    let first = try await Command(new + ["--folder", folder.path("instruments")])
    #expect(first.status == 0, "\(first.errors)")
    let text = try String(
      contentsOfFile: folder.path("instruments/acme/x100.yaml"), encoding: .utf8)
    let missing = text.split(separator: "\n").filter { $0.contains("FILL IN") }
    #expect(missing.count >= 5)
    for line in missing {
      #expect(first.output.contains(line.drop(while: \.isWhitespace)))
    }
    #expect(first.output.contains("try    saltire simulate acme/x100"))
    // What is there stays.
    let again = try await Command(new + ["--folder", folder.path("instruments")])
    #expect(again.status == 64 && again.errors.contains("already exists"))
  }

  @Test func wrongNamesAndRolesAreSaid() async throws {
    let name = try await Command("new", "instrument", "../x", "--role", "source_meter")
    #expect(name.status == 64 && name.errors.contains("for example keithley/2450"))
    let role = try await Command("new", "instrument", "acme/x", "--role", "source_meters")
    #expect(role.status == 64 && role.errors.contains("did you mean 'source_meter'?"))
  }
}

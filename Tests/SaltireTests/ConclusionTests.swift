import Foundation
import SaltireTesting
import Testing

/// From what could not be read nothing is concluded, least of all advice.
@Suite struct ConclusionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What is said of a shipped bench with `old` replaced.
  private func errors(_ old: String, _ new: String, _ settings: [String] = []) async throws
    -> [String]
  {
    let path = "instruments/benches/simulated.yaml"
    let text = try String(contentsOf: Command.root.appendingPathComponent(path), encoding: .utf8)
    #expect(text.contains(old))
    let changed = try folder.write(text.replacing(old, with: new), "bench.yaml")
    let check = try await Command(["check", changed] + settings.flatMap { ["--set", $0] })
    #expect(check.status == 65)
    return check.errors.components(separatedBy: "error: ").dropFirst().map {
      String($0.prefix { $0 != "\n" })
    }
  }

  @Test func aLimitThatCannotBeReadIsOneFault() async throws {
    #expect(
      try await errors("\nlimits:", "\nlimts:") == ["unknown key 'limts'", "'limits' is missing"])
    #expect(
      try await errors("gate: { voltage: 5 V", "gate: { voltge: 5 V") == [
        "unknown key 'voltge'", "'voltage' is missing in 'limits.gate'",
      ])
    #expect(try await errors("gate: { voltage: 5 V", "gate: { voltage: 5 v").count == 1)
    let negative = try await errors("gate: { voltage: 5 V", "gate: { voltage: -5 V")
    #expect(negative == ["voltage is outside 0 V … 1 kV"])
    let window = try await errors("max: 8 uS", "max: 8 us")
    #expect(window.count == 1 && window[0].hasPrefix("'8 us'"))
  }

  @Test func turningPointsAreNotTheWrongWayRoundUnread() async throws {
    let check = try await Command(
      "check", "protocols/crossed-swords.yaml", "--bench", "instruments/benches/model.yaml",
      "--set", "swords.turn={min: 0.1 uS, max: 20 uS}")
    #expect(check.status == 65)
    #expect(check.errors.contains("--set swords.turn.KEY=VALUE"))
    #expect(!check.errors.contains("turning point"))
  }

  @Test func aCurveThatIsMissingIsOneFault() async throws {
    let check = try await Command("check", "instruments/benches/model-measured.yaml")
    #expect(check.status == 65)
    #expect(check.errors.contains("no preset, measured curve or family"))
    #expect(!check.errors.contains("unknown key"))
  }

  @Test func aTextThatIsMissingIsOneFault() async throws {
    let check = try await Command("check", "protocols/network.yaml")
    #expect(check.status == 65)
    let path = Command.root.appendingPathComponent("protocols/text.txt").path
    #expect(check.errors.contains("cannot read the text '\(path)'"), "\(check.errors)")
    #expect(!check.errors.contains("train on more"))
    #expect(!check.errors.contains("--bench"))
  }
}

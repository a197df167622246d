import Foundation
import SaltireTesting
import Testing

/// `saltire commission`, on simulated instruments of this process and of another.
@Suite struct CommissionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let bench = "instruments/benches/simulated-one-device.yaml"

  private func commission(_ bench: String, _ more: [String]) async throws -> Command {
    try await Command(
      ["commission", bench, "--out", folder.path("out")] + more,
      ledger: folder.path("doses.sqlite"))
  }

  @Test func somethingMustBeConnected() async throws {
    for more in [[], ["--open", "--devices"], ["--open", "--resistors", "330k"]] {
      let command = try await commission(Self.bench, more)
      #expect(command.status == 64)
      #expect(command.errors.contains("say what is connected"))
    }
  }

  @Test func aDeviceIsConfirmedOnlyWhereItIs() async throws {
    let command = try await commission(Self.bench, ["--open", "--device", "A1=W12-D3/B4"])
    #expect(command.status == 64)
    #expect(command.errors.contains("none is connected"))
  }

  @Test func modelsHaveNothingToCommission() async throws {
    let command = try await commission("instruments/benches/model.yaml", ["--open"])
    #expect(command.status != 0)
    #expect(command.errors.contains("no instruments to commission"))
  }

  /// A short ends the run before the record is whole; the session replays nevertheless.
  @Test(arguments: ["short DA1 GA1", "open DA1"])
  func aFaultHasStatus11AndReplays(fault: String) async throws {
    let command = try await commission(
      Self.bench,
      [
        "--resistors", "330k", "--set", "lab.resistors=330 kOhm", "--set", "lab.faults=\(fault)",
      ])
    #expect(command.status == 11)
    #expect(command.output.contains("DA1 (smu1.smub)"))
    let session = folder.path("out/commissioning-001.saltire")
    let replay = try await Command("replay", session)
    #expect(replay.status == 0, "\(replay.errors)")
    let report = try await Command("report", session, "--out", folder.path("report"))
    #expect(report.status == 0, "\(report.errors)")
    #expect(report.output.contains("report.html"))
  }

  /// On instruments that outlive the program: outputs go off on request and after SIGKILL, and
  /// later runs know when the bench was commissioned.
  @Test func aServedBenchIsCommissioned() async throws {
    let rig = try ServedRig("simulated-one-device", ["lab.resistors=330 kOhm"])
    let bench = rig.folder.path("bench.yaml")
    func run() async throws -> String {
      try await Command(
        rig.run("crossed-swords", ["swords.pulses=10", "swords.cycles=1"]),
        ledger: folder.path("doses.sqlite")
      ).output
    }
    #expect(try await run().contains("this bench was never commissioned"))
    let command = try await commission(bench, ["--resistors", "330k"])
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.output.contains("off  every output went off"))
    #expect(command.output.contains("SIGKILL  every output went off"))
    #expect(rig.energised == [])
    #expect(try await run().contains("bench commissioned 20"))
    let text = try String(contentsOfFile: bench, encoding: .utf8)
    _ = try rig.folder.write(text + "# another lead\n", "bench.yaml")
    #expect(try await run().contains("the bench file has changed since it was commissioned"))
  }

  /// Without a guardian outputs would stay on, so nothing is killed.
  @Test func withoutAGuardianNothingIsKilled() async throws {
    let rig = try ServedRig("simulated-one-device", ["lab.resistors=330 kOhm"])
    let command = try await commission(
      rig.folder.path("bench.yaml"),
      ["--resistors", "330k", "--set", "guardian.enabled=off"])
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.output.contains("SIGKILL  not tried"))
    #expect(rig.energised == [])
  }
}

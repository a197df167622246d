import Foundation
import SaltireCore
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltirePrograms
@testable import SaltireRecords

@Suite struct GuardedRunTests {
  /// A program that is not a guardian is not waited for, and is ended.
  @Test func whatDoesNotWatchIsEnded() throws {
    let folder = try TemporaryFolder()
    let file = try Shipped.bench()
    let plan = GuardianPlan(
      file, settings: try Overrides(settings: []),
      session: URL(fileURLWithPath: folder.path("x.saltire")))
    let place = folder.path("pid")
    let error = #expect(throws: BenchError.self) {
      _ = try GuardedRun(
        plan,
        program: ["/bin/sh", "-c", "echo $$ > \(place); exec sleep 1000"]
      ) { _ in }
    }
    guard case .failed(is GuardianFailure)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let id = try #require(
      Int32(try String(contentsOfFile: place, encoding: .utf8).filter(\.isNumber)))
    #expect(kill(id, 0) == -1 && errno == ESRCH)
  }

  /// A dying process releases its session later than its guardian's pipe.
  @Test func theEndingWaitsForTheSession() throws {
    let folder = try TemporaryFolder()
    let url = folder["run.saltire"]
    let session = try Session.create(at: url, manifest: .empty, durability: .powerLoss)
    Thread.detachNewThread {
      HostTime.block(0.2)
      try? session.close()
    }
    Guardian.record(.died, SafeReport(terminals: []), in: url)
    #expect(try Session.open(url).ending()?.exitCode == 130)
  }

  /// The guardian records the actual state of the outputs.
  @Test func theEndingSaysWhetherTheOutputsAreSafe() {
    let gate = Terminal("gate.A1")
    let row = Terminal("row.A")
    let safe = Guardian.ending(
      .died, SafeReport(terminals: [(gate, .confirmed), (row, .confirmed)]), Extent())
    #expect(safe.safe && safe.exitCode == 130)
    #expect(safe.message == "the run's process died; its guardian made the outputs safe")
    let open = Guardian.ending(
      .hung, SafeReport(terminals: [(gate, .confirmed), (row, .notConfirmed("no answer"))]),
      Extent())
    #expect(!open.safe && open.exitCode == 12)
    #expect(
      open.message?.hasSuffix(
        "its guardian could not confirm that the outputs are safe: row.A: no answer") == true)
  }
}

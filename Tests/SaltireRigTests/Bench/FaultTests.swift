import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireRecords
import SaltireRig
import SaltireSimulation
import TestRigs
import Testing

/// The reaction of a bench to failing instruments, and the actual state of the outputs afterwards.
@Suite struct FaultTests {
  private static let program = Program([
    .repeat(
      100,
      [
        .pulse("GA1", level: 4, width: 0.01), .rest(0.05),
        .read(.init(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02)),
      ])
  ])

  /// Runs into a fault and makes safe.
  private static func run(
    _ kind: LabFault.Kind, of instrument: String
  ) async throws -> (error: InstrumentFailure?, report: SafeReport, rig: LiveRig) {
    let rig = try await LiveRig.armed(
      faults: [LabFault(instrument: instrument, kind: kind, after: 150)])
    #expect(rig.energised.count == 10)
    var failure: InstrumentFailure?
    do throws(BenchError) {
      _ = try await rig.live.perform(program)
      _ = try await rig.live.perform(program)
    } catch .failed(let found as InstrumentFailure) {
      failure = found
    }
    return (failure, await rig.live.makeSafe(), rig)
  }

  @Test(arguments: ["smu1", "gen1"], [LabFault.Kind.garbage, .unsolicited, .error, .disconnect])
  func whatCanBeTalkedToIsConfirmedOff(instrument: String, kind: LabFault.Kind) async throws {
    let (error, report, rig) = try await Self.run(kind, of: instrument)
    let failure = try #require(error)
    #expect(failure.instrument == instrument)
    switch (kind, failure.error) {
    case (.garbage, .unexpectedReply), (.unsolicited, .unexpectedReply), (.error, .reported),
      (.disconnect, .link(.disconnected)):
      break
    default: Issue.record("\(kind): \(failure.message)")
    }
    #expect(report.isSafe)
    #expect(rig.energised.isEmpty)
  }

  /// The result does not depend on which message of the safe sequence is lost or answered wrongly.
  @Test(arguments: [LabFault.Kind.garbage, .unsolicited, .error, .disconnect])
  func noSingleMessageDecidesWhetherOutputsAreOff(kind: LabFault.Kind) async throws {
    for instrument in ["smu1", "gen1"] {
      let rig = try await LiveRig.armed()
      let first = try #require(rig.lab.wireTraffic[instrument]).messages
      #expect(await rig.live.makeSafe().isSafe)
      let last = try #require(rig.lab.wireTraffic[instrument]).messages
      #expect(last > first + 4)
      for message in first..<last {
        let rig = try await LiveRig.armed(
          faults: [LabFault(instrument: instrument, kind: kind, after: message)])
        let report = await rig.live.makeSafe()
        #expect(report.isSafe, "\(instrument), message \(message - first): \(report.open)")
        #expect(rig.energised.isEmpty, "\(instrument), message \(message - first)")
      }
    }
  }

  /// An instrument that acts without replying is off, but not confirmed.
  @Test(arguments: ["smu1", "gen1"])
  func aSilentInstrumentIsSwitchedOffUnconfirmed(instrument: String) async throws {
    let (error, report, rig) = try await Self.run(.silent, of: instrument)
    #expect(error?.error == .link(.timeout(received: 0)))
    #expect(!report.isSafe)
    #expect(report.terminals.filter { $0.state != .confirmed }.count == 2)
    #expect(rig.energised.isEmpty)
  }

  /// A dead instrument keeps its state; all others are off, and the report names the two
  /// unconfirmed outputs.
  @Test(arguments: ["smu1", "gen1"])
  func aDeadInstrumentKeepsNoOtherOn(instrument: String) async throws {
    let (_, report, rig) = try await Self.run(.hung, of: instrument)
    let open = report.terminals.filter { $0.state != .confirmed }.map(\.terminal)
    #expect(Set(rig.energised) == Set(open) && open.count == 2)
  }

  /// The others are confirmed before the dead one is given up.
  @Test func nobodyWaitsForTheRecoveryOfAnother() async throws {
    let (_, report, rig) = try await Self.run(.hung, of: "smu1")
    #expect(!report.isSafe)
    let lines = rig.transcript
    let givenUp = try #require(
      lines.lastIndex { line in
        if case .failed = line.event.kind { line.instrument == "smu1" } else { false }
      })
    for other in ["smu2", "smu3", "gen1", "gen2"] {
      let confirmed = try #require(lines.lastIndex { $0.instrument == other })
      #expect(confirmed < givenUp)
    }
  }

  @Test func aStrangerIsNotMistakenForTheInstrument() async throws {
    let rig = try LiveRig(faults: [LabFault(instrument: "smu2", kind: .identity, after: 0)])
    let error = await #expect(throws: BenchError.self) { _ = try await rig.live.connect() }
    guard case .failed(let failure as InstrumentFailure)? = error,
      case .wrongIdentity = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failure.message.contains("ACME Instruments, Toaster 9000"))
    #expect(rig.sent().allSatisfy { $0 == "*IDN?\n" })
  }

  /// Cancelling ends a query that blocks at once: before its deadline, and
  /// the bench is then safe.
  @Test func cancellingEndsAQueryThatBlocks() async throws {
    let rig = try await LiveRig.armed(
      faults: [LabFault(instrument: "gen1", kind: .silent, after: 150)])
    let live = rig.live
    let work = Task { () -> BenchError? in
      do throws(BenchError) {
        while true { _ = try await live.perform(Self.program) }
      } catch {
        return error
      }
    }
    // Whether it blocks already or not yet, it ends by being cancelled.
    work.cancel()
    guard case .cancelled? = await work.value else {
      Issue.record("not cancelled")
      return
    }
    let report = await live.makeSafe()
    #expect(rig.energised.isEmpty)
    #expect(report.terminals.count == 10)
  }
}

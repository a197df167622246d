import SaltireInstruments
import SaltireLinks
import SaltireRig
import Testing

@testable import saltire

/// The exit status and the advice for what links throw.
@Suite struct FailureTests {
  @Test(arguments: [
    (LinkError.unreachable(address: "x", reason: "y"), Int32(69), "check that it is switched on"),
    (.busy(address: "x", by: "minicom (42)"), 75, "end the program"),
    (.denied(address: "x"), 77, "'saltire doctor' shows how to fix this"),
    (.timeout(received: 0), 74, "check that it is still connected"),
  ])
  func anInstrumentThatCannotBeReached(error: LinkError, status: Int32, hint: String) {
    let failure = Failure(InstrumentFailure("smu", .link(error)))
    #expect(failure.code.rawValue == status)
    #expect(failure.rendered.contains("smu: \(error.message)"))
    #expect(failure.rendered.contains(hint))
  }

  /// An instrument that is not as the bench file says.
  @Test(arguments: [
    (InstrumentError.BenchFact.mains, "50", "6.00000e+01", "mains cycles of 60 Hz; the bench file"),
    (.side, "FRON", "REAR", "its REAR terminals are in use; the bench file says FRON"),
  ])
  func anInstrumentThatIsNotAsTheBenchFileSays(
    fact: InstrumentError.BenchFact, asked: String, found: String, message: String
  ) {
    let failure = Failure(
      InstrumentFailure("smu", .unlikeBench(fact, asked: asked, found: found)))
    #expect(failure.code.rawValue == 78)
    #expect(failure.rendered.contains(message))
    #expect(failure.rendered.contains("give '\(fact)'"))
  }
}

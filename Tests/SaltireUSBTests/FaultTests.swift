import Foundation
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltireTesting
import Testing

/// What devices do wrong, and whether they can be talked to afterwards without
/// replugging: the link and the libusb under it are the real ones.
@Suite struct FaultTests {
  static let definition: Definition = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Support/emulated.yaml")
    let text = try! String(contentsOf: path, encoding: .utf8)
    return try! Definition(Document(name: "emulated.yaml", text: text), name: "saltire/emulated")
  }()

  /// What the query that meets the fault ends with.
  enum End: Sendable {
    case answer, timeout, stalled, malformed, gone

    init?(_ error: LinkError) {
      switch error {
      case .timeout: self = .timeout
      case .stalled: self = .stalled
      case .malformed: self = .malformed
      case .disconnected, .unreachable: self = .gone
      default: return nil
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var plan: String
    var end: End
    var comesBack = true
    var quirks: Set<USBTMCQuirk> = []
    var testDescription: String { plan }
  }

  static let cases = [
    Case(plan: "stall-in", end: .stalled),
    Case(plan: "stall-out", end: .stalled),
    Case(plan: "hang", end: .timeout),
    Case(plan: "hang-out", end: .timeout),
    Case(plan: "hang-until-clear", end: .timeout),
    Case(plan: "hang-until-reset", end: .timeout, quirks: [.reset]),
    Case(plan: "hang-until-reset", end: .timeout, comesBack: false),
    Case(plan: "dead", end: .timeout, comesBack: false, quirks: [.reset]),
    Case(plan: "late=400", end: .timeout),
    Case(plan: "stale", end: .timeout),
    Case(plan: "wrong-tag", end: .malformed),
    Case(plan: "wrong-inverse", end: .malformed),
    Case(plan: "wrong-id", end: .malformed),
    Case(plan: "short-header", end: .malformed),
    Case(plan: "oversize", end: .malformed),
    Case(plan: "truncated", end: .timeout),
    Case(plan: "flood", end: .malformed),
    Case(plan: "empty", end: .answer),
    Case(plan: "no-eom", end: .answer),
    Case(plan: "split=3", end: .answer),
    Case(plan: "unpadded", end: .answer),
    Case(plan: "nul", end: .answer, quirks: [.trailingZeros]),
    Case(plan: "config-freezes", end: .answer),
    Case(plan: "hang+no-abort", end: .timeout),
    Case(plan: "hang+abort-pending", end: .timeout),
    Case(plan: "hang-until-clear+pending", end: .timeout),
    Case(plan: "hang-until-clear+pending-drain", end: .timeout),
    Case(plan: "hang+clear-hangs", end: .timeout, quirks: [.noClear]),
    Case(plan: "stall-out+clear-hangs", end: .stalled, quirks: [.noClear]),
    Case(plan: "unplug", end: .gone, comesBack: false),
    Case(plan: "unplug-out", end: .gone, comesBack: false),
    Case(plan: "unplug+replug=300", end: .gone),
  ]

  @Test(arguments: cases)
  func noFaultLeavesTheLinkWedged(one: Case) async throws {
    let device = try EmulatedUSB()
    let instrument = Instrument(
      name: "emulated", definition: Self.definition,
      model: try #require(Self.definition.model(named: "EMULATED"))
    ) { () throws(LinkError) in try device.open(quirks: one.quirks) }
    try await instrument.connect()
    try device.control("faults \(one.plan)")
    let (end, what) = await Self.ask("ECHO? one", of: instrument, expecting: "one")
    #expect(end == one.end, "\(what)")
    // Whatever it ended with, the next answer is that to the next question.
    do throws(InstrumentError) {
      try await instrument.recover()
      #expect(one.comesBack)
      let (end, what) = await Self.ask("ECHO? two", of: instrument, expecting: "two")
      #expect(end == .answer, "\(what)")
    } catch {
      #expect(!one.comesBack, "\(error.message)")
    }
    await instrument.disconnect()
    #expect(try device.statistics()["inflight"] == 0)
  }

  /// - Returns: how it ended, and in what words; nil for a wrong answer.
  private static func ask(
    _ question: String, of instrument: Instrument, expecting answer: String
  ) async -> (End?, String) {
    do throws(InstrumentError) {
      let answers = try await instrument.ask([question])
      return (answers == [answer] ? .answer : nil, "\(answers)")
    } catch .link(let error) {
      return (End(error), "\(error)")
    } catch {
      return (nil, "\(error)")
    }
  }
}

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

  @Test(arguments: USBFault.all)
  func noFaultLeavesTheLinkWedged(one: USBFault) async throws {
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
  ) async -> (USBFault.End?, String) {
    do throws(InstrumentError) {
      let answers = try await instrument.ask([question])
      return (answers == [answer] ? .answer : nil, "\(answers)")
    } catch .link(let error) {
      return (USBFault.End(error), "\(error)")
    } catch {
      return (nil, "\(error)")
    }
  }
}

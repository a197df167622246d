import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltireSimulation
import Synchronization
import Testing

/// Instruments that take one command a message, and silence behind a setting.
@Suite struct PaceTests {
  /// What was sent, and when.
  private final class Record: Sendable {
    let messages = Mutex<[(text: String, time: Double)]>([])

    func note(_ bytes: [UInt8]) {
      let text = String(decoding: bytes, as: UTF8.self)
      messages.withLock { $0.append((text, HostTime.monotonic)) }
    }
  }

  private static func generator(_ record: Record) throws -> Instrument {
    let (definition, model) = try #require(Shelf.library.find("rigol/dg1062z"))
    return Instrument(name: "gate", definition: definition, model: model) {
      () throws(LinkError) in
      let lab = Shelf.lab("rigol/dg1062z")
      return try LocalLink { bytes in
        record.note(bytes)
        return lab.answer(bytes)
      }
    }
  }

  @Test func everyMessageIsOneCommandAndSettingsAreLeftInPeace() async throws {
    let record = Record()
    let generator = try Self.generator(record)
    try await generator.connect()
    let values = try await generator.perform([
      .command(":SOUR1:BURS:NCYC 3"), .query(":SOUR1:BURS:NCYC?"), .command(":SOUR1:BURS ON"),
      .command(":OUTP1 ON"),
    ])
    #expect(values == ["3.000000E+00"])
    let messages = record.messages.withLock { $0 }
    #expect(messages.allSatisfy { $0.text.split(separator: "\n").count == 1 })
    #expect(messages.allSatisfy { !$0.text.contains(";") })
    for (one, next) in zip(messages, messages.dropFirst()) where !one.text.contains("?") {
      #expect(next.time - one.time >= generator.definition.pace, "\(one.text)")
    }
  }

  @Test func aTriggerDelaysNothing() async throws {
    let record = Record()
    let generator = try Self.generator(record)
    try await generator.connect()
    _ = try await generator.perform([.command(":SOUR2:BURS:TRIG")])
    let messages = record.messages.withLock { $0 }
    let place = try #require(messages.firstIndex { $0.text.contains("TRIG") })
    #expect(messages[place + 1].time - messages[place].time < generator.definition.pace)
  }

  @Test func whatIsWrongIsReportedAndTheRestIsDone() async throws {
    let generator = try Self.generator(Record())
    try await generator.connect()
    await #expect(throws: InstrumentError.self) {
      _ = try await generator.perform([.command(":SOUR1:NOSUCH 1"), .command(":OUTP1 ON")])
    }
    #expect(try await generator.perform([.query(":OUTP1?")]) == ["ON"])
  }
}

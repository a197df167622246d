import Foundation
import SaltireLinks
import Testing

@testable import SaltireInstruments

/// Instruments that end their replies otherwise than their family, byte by byte.
@Suite struct LineNoiseTests {
  /// The bytes before and after the terminator of every reply.
  static let ends: [([UInt8], [UInt8])] = [
    ([], []), ([0], []), ([], [0]), ([13], []), ([], [13]), ([], [13, 0]), ([0], [0]),
  ]

  /// Text is read as if the replies ended correctly, and blocks stay as they are: here with bytes
  /// that are padding elsewhere.
  @Test(arguments: ends)
  func repliesAreReadAsIfTheyEndedCorrectly(end: (before: [UInt8], after: [UInt8])) async throws {
    let numbers: [Float] = [0, Float(bitPattern: 0x0A0D_000A), 1.5, Float(bitPattern: 0x0A00_0000)]
    let block =
      Array("#0".utf8)
      + numbers.flatMap { number in
        (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * UInt32($0))) }
      }
    let instrument = try Self.instrument("keithley/2636b", end: 10) { question in
      let reply =
        question.contains("*IDN?")
        ? Array("Keithley Instruments Inc., Model 2636B, 1, 3.3.5".utf8)
        : question.contains("errorqueue") ? Array("errors\t0.00000e+00".utf8) : block
      return reply + end.before + [10] + end.after
    }
    #expect(try await instrument.connect().serial == "1")
    for _ in 0..<3 {
      #expect(
        try await instrument.askNumbers("print(values)", count: numbers.count)
          == numbers.map(Double.init))
      #expect(try await instrument.takeErrors().isEmpty)
    }
    await instrument.disconnect()
  }

  /// An identity with another terminator is told as such before anything is set.
  @Test(arguments: [("keithley/2400", UInt8(13), "\n", "CR"), ("keithley/2450", 10, "\r", "LF")])
  func anotherTerminatorIsNamed(
    family: String, end: UInt8, other: String, name: String
  ) async throws {
    let reply = "KEITHLEY INSTRUMENTS INC.,MODEL 2400,1,C34" + other
    let instrument = try Self.instrument(family, end: end) { _ in Array(reply.utf8) }
    let error = await #expect(throws: InstrumentError.self) { try await instrument.connect() }
    // Every round asks again, so there may be more than one.
    guard case .unterminated(let found, end)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found.hasPrefix(reply))
    #expect(
      error?.message.hasSuffix("C34\\\(other == "\n" ? "n" : "r")\", does not end with \(name)")
        == true)
    await instrument.disconnect()
  }

  /// An instrument at the other end of a link, which answers every line that ends with `end` and
  /// has a question.
  private static func instrument(
    _ name: String, end: UInt8, _ answer: @escaping @Sendable (String) -> [UInt8]
  ) throws -> Instrument {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let library = InstrumentLibrary(folder: root.appendingPathComponent("instruments"))
    let (definition, model) = try #require(library.find(name))
    return Instrument(name: "smu", definition: definition, model: model) {
      () throws(LinkError) in
      let (host, device) = try StreamLink.pair()
      let far = Far(device)
      Thread.detachNewThread {
        while let line = try? far.link.receive(until: .byte(end), deadline: .after(60)) {
          let text = String(decoding: line, as: UTF8.self)
          guard Definition.isQuestion(text) else { continue }
          try? far.link.send(answer(text), deadline: .after(60))
        }
      }
      return host
    }
  }

  /// Used by one thread.
  private final class Far: @unchecked Sendable {
    let link: StreamLink
    init(_ link: StreamLink) { self.link = link }
  }
}

import SaltireCore
import SaltireSimulation
import Testing

@testable import SaltireInstruments

/// Instruments that look for their commands anywhere in a line.
@Suite struct LineInstrumentTests {
  private static let name = "usmu/v10"

  @Test func bytesInPiecesAreTheSameLines() {
    let bytes = Array("CH1:ENA\r\nCH1:MEA:VOL 1\nnothing\n\n*IDN?\rCH1:MEA:VOL 2\n".utf8)
    let whole = Shelf.lab(Self.name).answer(bytes)
    for length in 1...7 {
      let lab = Shelf.lab(Self.name)
      let pieces = stride(from: 0, to: bytes.count, by: length).flatMap {
        lab.answer(Array(bytes[$0..<min($0 + length, bytes.count)]))
      }
      #expect(pieces == whole)
    }
    // Every answer in a buffer of its own, with NUL behind the end.
    #expect(whole.count == 32 + 1024 + 64 + 32)
    #expect(whole.count { $0 == 10 } == 4)
    #expect(whole.prefix(21) == Array("1.000,1.000000e-06\n\0\0".utf8)[...])
  }

  @Test func aLineWithoutAnEndIsForgotten() {
    let lab = Shelf.lab(Self.name)
    #expect(lab.answer(Array(repeating: 65, count: 3000)).isEmpty)
    // With all of it that still comes.
    #expect(lab.tell("CH1:MEA:VOL 1").isEmpty)
    #expect(lab.tell("CH1:MEA:VOL 1") == ["0.000,0.000000e+00"])
  }

  @Test func aMeasurementTakesAsLongAsItsSamples() {
    let lab = Shelf.lab(Self.name)
    for samples in [1.0, 25, 128] {
      _ = lab.tell("CH1:OSR \(samples)")
      let begin = lab.now()
      _ = lab.tell("CH1:MEA:VOL 1")
      #expect(abs(lab.now() - begin - samples * 2 / 128) < 1e-9)
    }
  }

  @Test func whatIsAnsweredIsKnownWithoutAsking() throws {
    let (definition, _) = try #require(Shelf.library.find(Self.name))
    for command in ["CH1:MEA:VOL 1", "*IDN?", "print(1)", "ch1:vol?"] {
      #expect(definition.answers(command), "\(command)")
    }
    for command in ["CH1:VOL 1", "CH1:ENA", "CH1:VOL?"] {
      #expect(!definition.answers(command), "\(command)")
    }
  }

  /// What drivers cannot speak is for no bench, and a form is one of C's.
  @Test func aDefinitionOfOneIsForNoBench() throws {
    let good = """
      title: It
      dialect: lines
      role: source_meter
      bench: { refused: "no question" }
      identity: { reply: "It" }
      models: { ONE: { channels: ["1"] } }
      tree: { "MEAS": { query: spot, figures: { current: .6e } } }
      """
    #expect(try Self.read(good).refusal == "no question")
    for (old, new, message) in [
      ("bench: { refused: \"no question\" }", "patience: 2 s", "a bench cannot use a family"),
      (".6e", ".6s", "'.6s' is not a number format"),
      (".6e", "6e", "'6e' is not a number format"),
    ] {
      let error = #expect(throws: Diagnostics.self) {
        try Self.read(good.replacing(old, with: new))
      }
      #expect(error?.items.contains { $0.message.contains(message) } == true, "\(message)")
    }
  }

  /// What a bench would say has no place where none may use it.
  @Test(arguments: ["abort: [X]", "arm: []", "verbs: { on: X }", "queries: { output: X }"])
  func nothingThatABenchWouldSayIsTaken(line: String) {
    let error = #expect(throws: Diagnostics.self) {
      try Self.read(
        """
        title: It
        dialect: scpi
        role: source_meter
        bench: { refused: "no question" }
        identity: { reply: "It" }
        models: { ONE: { channels: ["1"] } }
        \(line)
        """)
    }
    #expect(error?.items.contains { $0.message.contains("unknown key") } == true)
  }

  private static func read(_ text: String) throws -> Definition {
    try Definition(Document(name: "it.yaml", text: text), name: "acme/it")
  }
}

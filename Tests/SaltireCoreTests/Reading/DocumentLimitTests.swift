import SaltireCore
import Testing

/// Small texts that expand to huge documents, and huge texts: both are refused before they use
/// memory or time.
@Suite struct DocumentLimitTests {
  private func refusal(_ text: String) -> Diagnostic? {
    #expect(throws: Diagnostics.self) { try Document(name: "x.yaml", text: text) }?.items.first
  }

  private static func bomb(_ levels: Int, item: (Int) -> String) -> String {
    (0..<levels).map { "a\($0): &a\($0) \(item($0))\n" }.joined()
  }

  @Test func aliasesCountAsAllThatTheyStandFor() {
    let lists = Self.bomb(9) { level in
      "[\((0..<10).map { _ in level == 0 ? "x" : "*a\(level - 1)" }.joined(separator: ","))]"
    }
    let place = refusal(lists)?.location
    #expect(place?.file == "x.yaml" && place?.line == 5)
    #expect(refusal(lists)?.message == "x.yaml holds more than 100000 values")
    let mappings = Self.bomb(9) { level in
      "{\((0..<10).map { "k\($0): \(level == 0 ? "x" : "*a\(level - 1)")" }.joined(separator: ","))}"
    }
    #expect(refusal(mappings)?.message == "x.yaml holds more than 100000 values")
    // As a key, which would be compared with other keys.
    let key = Self.bomb(4) { level in
      "[\((0..<10).map { _ in level == 0 ? "x" : "*a\(level - 1)" }.joined(separator: ","))]"
    }
    #expect(refusal(key + "? *a3\n: 1\n")?.message == "expected a key, found a list")
    #expect(refusal("a: &a [*a]\n")?.message == "not YAML: found undefined alias")
  }

  @Test func aFewAliasesAreRead() throws {
    let document = try Document(
      name: "x.yaml", text: "a: &a [1, 2]\nb: *a\nc: &c 5 V\nd: *c\n&k e: 1\n")
    let reader = Reader(document)
    #expect(reader[Key.numbers("a", "")].value == [1, 2])
    #expect(reader[Key.numbers("b", "")].value == [1, 2])
    #expect(reader[Key.quantity("c", .volt, "")].value == 5)
    #expect(reader[Key.quantity("d", .volt, "")].value == 5)
    #expect(reader[Key.count("e", "")].value == 1)
    try reader.finish()
  }

  @Test func depthHasALimit() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
      let text = "a: " + String(repeating: open, count: 60) + String(repeating: close, count: 60)
      #expect(refusal(text)?.message == "lists and keys are nested deeper than 50 levels")
      #expect(refusal(text)?.location?.line == 1)
    }
    #expect(refusal("a: " + String(repeating: "[", count: 100_000)) != nil)
  }

  @Test func sizeHasALimit() {
    let text = "a: " + String(repeating: "x", count: 1 << 20)
    #expect(refusal(text)?.message == "x.yaml is longer than 1 MiB")
    #expect(refusal(text)?.location?.reference == "x.yaml:1:1")
    let keys = (0..<60_000).map { "k\($0): 1" }
    #expect(
      refusal(keys.joined(separator: "\n"))?.message == "x.yaml holds more than 100000 values")
    let line = "{\(keys.joined(separator: ","))}"
    #expect(refusal(line)?.location?.line == 1)
    // Of a long line, only the part around the column is shown.
    #expect((refusal(line)?.rendered.count ?? .max) < 600)
  }

  /// The maximum number of keys, on one line, all unknown.
  @Test func manyUnknownKeysAreToldInPart() throws {
    let line = "{\((0..<40_000).map { "k\($0): 1" }.joined(separator: ","))}"
    let reader = Reader(try Document(name: "x.yaml", text: line))
    for key in reader.keys.prefix(1_000) { _ = reader[Key.count(key, "")] }
    let faults = #expect(throws: Diagnostics.self) { try reader.finish() }?.items ?? []
    #expect(faults.count == 51)
    #expect(faults.last?.message == "38950 more errors not shown")
  }

  /// Control characters, as escapes or raw.
  @Test(arguments: [
    "a: \"x\\e[31my\"", "a: \"x\\ny\"", "a: \"x\\ry\"", "\"a\\nb\": 1", "a: x\u{202E}y",
    "a: [\"\\x9b\"]", "a: |\n  x\u{202E}\n",
  ])
  func textsWithControlCharactersAreRefused(text: String) {
    #expect(refusal(text)?.message.hasPrefix("text with control characters: ") == true)
    #expect(refusal(text)?.rendered.unicodeScalars.contains { $0.value == 0x1B } == false)
    #expect(refusal(text)?.rendered.contains("\u{202E}") == false)
  }

  @Test func linesOfABlockAreKept() throws {
    let reader = Reader(try Document(name: "x.yaml", text: "a: |\n  one\n  two\nb: one\n  two\n"))
    #expect(reader[Key.text("a", "")].value == "one\ntwo\n")
    #expect(reader[Key.text("b", "")].value == "one two")
  }
}

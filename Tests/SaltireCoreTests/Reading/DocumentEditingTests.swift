import SaltireCore
import Testing

/// Files are edited where the user wrote them: their comments and their layout are the user's.
@Suite struct DocumentEditingTests {
  private static func edited(_ text: String, _ edits: (String, String)...) throws -> String {
    try Document(name: "x.yaml", text: text).text(
      setting: edits.map { ($0.0.split(separator: ".").map(String.init), $0.1) })
  }

  @Test func valuesAreReplacedInPlace() throws {
    #expect(
      try Self.edited("# One.\na: { b: 'x' }  # two\nc: y # three\n", ("a.b", "z"), ("c", "w"))
        == "# One.\na: { b: \"z\" }  # two\nc: \"w\" # three\n")
    #expect(
      try Self.edited("a: [1, é]\nb:   \"ü\"\n", ("b", "q\"\\"))
        == "a: [1, é]\nb:   \"q\\\"\\\\\"\n")
    #expect(try Self.edited("a:\nb: 1\n", ("a", "x")) == "a: \"x\"\nb: 1\n")
  }

  @Test func keysAreAddedBehindTheFirstText() throws {
    #expect(
      try Self.edited("i:\n  g: { r: \"s:1\" }  # gate\n", ("i.g.f", "k/2"))
        == "i:\n  g: { r: \"s:1\", f: \"k/2\" }  # gate\n")
    #expect(
      try Self.edited("i:\n  g:\n    r: s:1  # where\n    n: [2]\nj: 1\n", ("i.g.f", "k/2"))
        == "i:\n  g:\n    r: s:1  # where\n    f: \"k/2\"\n    n: [2]\nj: 1\n")
    #expect(try Self.edited("a: 1\n", ("b", "2")) == "a: 1\nb: \"2\"\n")
    #expect(try Self.edited("a: 1", ("b.c", "2")) == "a: 1\nb: { c: \"2\" }\n")
    #expect(try Self.edited("{ a: 1 }\n", ("b", "2")) == "{ a: 1, b: \"2\" }\n")
  }

  /// Where an alias stands for a section, one of both is meant.
  @Test func whatCannotBeEditedInPlaceIsWrittenAnew() throws {
    let text = try Self.edited("a: &a { r: 012 }\nb: *a\n", ("b.r", "2"), ("a.f", "3"))
    let reader = Reader(try Document(name: "x.yaml", text: text))
    let (a, b) = (Key.text("r", ""), Key.text("f", ""))
    let section = reader.section(SectionKey("a", "", [a, b]))
    #expect(section[a].value == "012" && section[b].value == "3")
    #expect(reader.section(SectionKey("b", "", [a]))[a].value == "2")
    try reader.finish()
  }

  /// Documents of every shape: what is read is what was meant, and nothing else changes.
  @Test func everyShapeReadsAsWasMeant() throws {
    var random = RandomStream(seed: 4)
    let values = [
      "x", "'it''s'", "\"a \\\" b\"", "sim:k/2", "1 V", ">-\n      two\n      lines", "",
    ]
    for _ in 0..<2000 {
      let value = values.randomElement(using: &random)!
      let isFlow = Bool.random(using: &random) && !value.contains("\n")
      let comment = Bool.random(using: &random) ? "  # why" : ""
      let section =
        isFlow ? "{ k: \(value), l: 2 }\(comment)" : "\n    k: \(value)\n    l: 2\(comment)"
      let text = "# Top.\ns:\n  p: \(section)\n  q: { m: 1 }\nt: [1, 2]\n"
      let key = ["k", "l", "new"].randomElement(using: &random)!
      let reader = Reader(
        try Document(name: "x", text: Self.edited(text, ("s.p.\(key)", "§: #{"), ("u", "v"))))
      let keys = ["k", "l", "new", "m"].map { Key.text($0, "") }
      let inner = SectionKey("p", "", keys)
      let outer = reader.section(SectionKey("s", "", [inner]))
      let changed = outer.section(inner)
      #expect(changed[Key.text(key, "")].value == "§: #{")
      if key != "l" { #expect(changed[keys[1]].value == "2") }
      #expect(outer.section(SectionKey("q", "", [keys[3]]))[keys[3]].value == "1")
      #expect(reader[Key.text("u", "")].value == "v")
      #expect(reader[Key.numbers("t", "")].value == [1, 2])
    }
  }
}

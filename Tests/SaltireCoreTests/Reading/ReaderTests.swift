import SaltireCore
import Testing

@Suite struct ReaderTests {
  private enum Edge: String, CaseIterable { case rising, falling }

  @Test func readsWhatWasWritten() throws {
    let document = try Document(
      name: "a.yaml",
      text: """
        amplitude: 1.2 V
        pairs: 010
        settle: { time: 50 ms }
        relay: on
        edge: falling
        names: [A1, on, 1:30]
        """)
    let reader = Reader(document)
    #expect(reader[Key.quantity("amplitude", .volt, "")].value == 1.2)
    #expect(reader[Key.count("pairs", "")].value == 10)
    #expect(
      reader.section(SectionKey("settle", absent: "", "", []))[Key.quantity("time", .second, "")]
        .value == 0.05)
    #expect(reader[Key.flag("relay", "")].value)
    #expect(reader[Key<Edge>.choice("edge", "")].value == .falling)
    #expect(reader[Key.texts("names", "")].value.map(\.value) == ["A1", "on", "1:30"])
    #expect(reader[Key.number("missing", default: 3, "")].value == 3)
    try reader.finish()
  }

  @Test func collectsEveryFaultWithItsPlace() throws {
    let document = try Document(
      name: "p.yaml",
      text: """
        amplitude: 1.2 A
        widht: 10 ms
        pairs: many
        edge: faling
        """)
    let reader = Reader(document)
    _ = reader[Key.quantity("amplitude", .volt, "")]
    _ = reader[Key.quantity("width", .second, "")]
    _ = reader[Key.count("pairs", "")]
    _ = reader[Key<Edge>.choice("edge", "")]
    let faults = #expect(throws: Diagnostics.self) { try reader.finish() }?.items ?? []
    #expect(
      faults.map(\.message) == [
        "unknown key 'widht'",
        "'1.2 A' is a current in A: expected a voltage in V, such as '1.2 V'",
        "'width' is missing",
        "'many' is not a whole number",
        "'faling' is not one of rising, falling",
      ])
    #expect(faults.map { $0.location?.line } == [2, 1, 1, 3, 4])
    #expect(faults[1].location?.column == 12)
    #expect(faults[0].hints == ["did you mean 'width'?"])
    #expect(faults[4].hints == ["did you mean 'falling'?"])
  }

  /// Values may be compared before they are known to be valid.
  @Test(arguments: ["low: 3\nhigh: x\n", "low: 3\n", "low: 3\nhihg: 4\n", "low: 3\nhigh: 1\n"])
  func nothingFollowsFromWhatCouldNotBeRead(text: String) throws {
    let reader = Reader(try Document(name: "w.yaml", text: text))
    let low = reader[Key.number("low", "")]
    let high = reader[Key.number("high", "")]
    if low.value > high.value {
      reader.conclude(Diagnostic("the window ends is below the lower bound", at: high.location))
    }
    let faults = #expect(throws: Diagnostics.self) { try reader.finish() }?.items ?? []
    let concluded = faults.contains { $0.message.contains("is below the lower bound") }
    #expect(concluded == (text == "low: 3\nhigh: 1\n"), "\(faults)")
  }

  @Test func aSectionIsNotSetAsAWhole() throws {
    let overrides = try Overrides(settings: ["turn={min: 1, max: 2}"])
    let reader = Reader(try Document(name: "t.yaml", text: "a: 1\n"), overrides: overrides)
    _ = reader[Key.count("a", "")]
    _ = reader.section(SectionKey("turn", absent: "", "", []))[Key.number("min", "")]
    let faults = #expect(throws: Diagnostics.self) { try reader.finish() }?.items ?? []
    #expect(faults.map(\.hints) == [["set them one by one: --set turn.KEY=VALUE"]])
  }

  @Test func rendersTheLineAndACaret() throws {
    let document = try Document(name: "p.yaml", text: "a: 1\namplitude: 1.8 V\n")
    let reader = Reader(document)
    _ = reader[Key.count("a", "")]
    let amplitude = reader[Key.quantity("amplitude", .volt, "")]
    let diagnostic = Diagnostic(
      "pulse amplitude 1.8 V exceeds the gate limit 1.5 V", at: amplitude.location,
      label: "limit set in b.yaml:9:5", hints: ["lower the amplitude"])
    #expect(
      diagnostic.rendered == """
        error: pulse amplitude 1.8 V exceeds the gate limit 1.5 V
         --> p.yaml:2:12
        2 | amplitude: 1.8 V
          |            ^^^^^ limit set in b.yaml:9:5
        hint: lower the amplitude
        """)
  }

  @Test func linesMayEndAsOnWindows() throws {
    let document = try Document(name: "w.yaml", text: "a: 1\r\nb: 2 A\r\n")
    let reader = Reader(document)
    _ = reader[Key.count("a", "")]
    _ = reader[Key.quantity("b", .volt, "")]
    let fault = #expect(throws: Diagnostics.self) { try reader.finish() }?.items.first
    #expect(fault?.location?.line == 2)
    #expect(fault?.location?.excerpt == "b: 2 A")
  }

  @Test func aMissingSectionIsOneFault() throws {
    let reader = Reader(try Document(name: "m.yaml", text: "a: 1\n"))
    _ = reader[Key.count("a", "")]
    let pulse = reader.section(SectionKey("pulse", "", []))
    _ = pulse[Key.quantity("up", .volt, "")]
    _ = pulse.section(SectionKey("shape", "", []))[Key.count("rise", "")]
    let faults = #expect(throws: Diagnostics.self) { try reader.finish() }?.items ?? []
    #expect(faults.map(\.message) == ["'pulse' is missing"])
  }

  @Test func overridesReplaceAndAdd() throws {
    let document = try Document(name: "b.yaml", text: "devices:\n  states: 500\n")
    let overrides = try Overrides(settings: [
      "devices.states=1000", "noise.read=2 nA", "names=[A1, A2]",
    ])
    let reader = Reader(document, overrides: overrides)
    #expect(
      reader.section(SectionKey("devices", absent: "", "", []))[Key.count("states", "")].value
        == 1000)
    #expect(
      reader.section(SectionKey("noise", absent: "", "", []))[Key.quantity("read", .ampere, "")]
        .value == 2e-9)
    #expect(reader[Key.texts("names", "")].value.map(\.value) == ["A1", "A2"])
    try reader.finish()
  }

  @Test func anOverrideThatNobodyReadsIsAnError() throws {
    let document = try Document(name: "b.yaml", text: "pairs: 5\n")
    let reader = Reader(document, overrides: try Overrides(settings: ["pair=6"]))
    _ = reader[Key.count("pairs", "")]
    let faults = #expect(throws: Diagnostics.self) { try reader.finish() }?.items ?? []
    #expect(faults.map(\.message) == ["'pair' is not a known setting"])
    #expect(faults.first?.hints == ["did you mean 'pairs'?"])
    #expect(throws: Diagnostics.self) { try Overrides(settings: ["nothing"]) }
  }

  @Test(arguments: [
    ("", "empty"), ("- 1\n- 2\n", "expected keys and values"), ("a: [1\n", "not YAML"),
    ("a: 1\na: 2\n", "is used twice"), ("a: *b\n", "not YAML"), ("just words", "expected keys"),
    ("a: \"\u{1}\"", "not YAML"),
  ])
  func refusesWhatIsNoMapping(text: String, reason: String) {
    let error = #expect(throws: Diagnostics.self) { try Document(name: "x.yaml", text: text) }
    #expect(error?.rendered.contains(reason) == true, "\(error?.rendered ?? "")")
    #expect(error?.items.first?.location?.file == "x.yaml")
  }

  /// Randomly damaged text never does more than throw.
  @Test func survivesBrokenText() {
    let text = "a: { b: [1, 2], c: 'x' }\nd: |\n  text\ne: &k 5 V\nf: *k\n"
    var random = RandomStream(seed: 21)
    for _ in 0..<5_000 {
      var bytes = Array(text.utf8)
      for _ in 0..<(1 + random.next() % 4) {
        let index = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: index)
        default: bytes.insert(bytes[index], at: index)
        }
      }
      guard
        let document = try? Document(name: "x", text: String(decoding: bytes, as: UTF8.self))
      else { continue }
      let reader = Reader(document)
      _ = reader.section(SectionKey("a", absent: "", "", []))[Key.numbers("b", "")]
      _ = reader[Key.quantity("e", .volt, "")]
      try? reader.finish()
    }
  }

  @Test func suggestsOnlyWhatIsNear() {
    #expect(suggestion(for: "amplitdue", among: ["amplitude", "width"]) == "amplitude")
    #expect(suggestion(for: "zebra", among: ["amplitude", "width"]) == nil)
  }
}

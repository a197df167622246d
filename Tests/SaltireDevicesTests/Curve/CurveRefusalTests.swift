import SaltireCore
import Testing

@testable import SaltireDevices

/// What cannot be a pulse response is refused with the setting that would make it one.
@Suite struct CurveRefusalTests {
  private static let made = MadeCurve()

  private static func rows(_ cells: (Int) -> String) -> String {
    (0..<60).map { cells($0) + "\n" }.joined()
  }

  /// The refusal of `text`, and the curve with each of its remedies.
  private func expect(
    _ text: String, says parts: [String], remedies: [String], right: Int? = 0
  ) throws {
    let error = try #require(refusal(text))
    for part in parts { #expect(error.message.contains(part), "\(error.message)") }
    #expect(error.remedies.map { "\($0.key) \($0.value ?? "")" } == remedies)
    guard let right else { return }
    let format = try format(error.remedies[right])
    #expect(Self.made.agrees(with: try MeasuredCurve(text, file: "f.csv", format: format)))
  }

  private func format(_ remedy: MeasuredCurveError.Remedy) throws -> CurveFormat {
    let reader = Reader(try Document(name: "d.yaml", text: remedy.entry.components))
    let format = CurveFormat(reader.section(CurveFormat.Keys.format))
    try reader.finish()
    return format
  }

  @Test func swappedColumns() throws {
    try expect(
      Self.rows { "\(Self.made.down[$0]),\(Self.made.up[$0])" },
      says: ["the up reads (column 1) fall from 4.", "the down reads (column 2) rise from 1."],
      remedies: ["columns up=2,down=1", "resistance ", "reverse both"])
    try expect(
      "up,down\n" + Self.rows { "\(Self.made.down[$0]),\(Self.made.up[$0])" },
      says: ["(column 1, \"up\") fall", "(column 2, \"down\") rise"],
      remedies: ["columns up=2,down=1", "resistance ", "reverse both"])
  }

  @Test func branchesThatAreStoredBackwards() throws {
    try expect(
      Self.rows { "\(Self.made.up[$0]),\(Self.made.down[59 - $0])" },
      says: ["the down reads (column 2) rise from"], remedies: ["reverse down"])
    try expect(
      Self.rows { "\(Self.made.up[59 - $0]),\(Self.made.down[$0])" },
      says: ["the up reads (column 1) fall from"], remedies: ["reverse up"])
    try expect(
      Self.rows { "\(Self.made.up[59 - $0]),\(Self.made.down[59 - $0])" },
      says: ["fall from", "rise from"],
      remedies: ["columns up=2,down=1", "resistance ", "reverse both"], right: 2)
  }

  @Test func resistances() throws {
    let rows = Self.rows { "\(1 / Self.made.up[$0]),\(1 / Self.made.down[$0])" }
    try expect(
      rows, says: ["fall from", "rise from"],
      remedies: ["columns up=2,down=1", "resistance ", "reverse both"], right: 1)
    for header in ["R_up (Ohm),R_down (Ohm)\n", "R up,R down\n", "up (Ω),down (Ω)\n"] {
      try expect(header + rows, says: ["holds resistances"], remedies: ["resistance "])
    }
    var format = CurveFormat()
    format.resistance = true
    let curve = try MeasuredCurve("up (Ω),down (Ω)\n" + rows, file: "f.csv", format: format)
    #expect(curve.unit == "S" && curve.summary.contains("inverses of resistances"))
    #expect(
      try #require(refusal("up (S),down (S)\n" + rows, format: format)).message.contains(
        "no resistance"))
  }

  @Test func currents() throws {
    let rows = Self.rows { "\(0.1 * Self.made.up[$0]),\(0.1 * Self.made.down[$0])" }
    let plain = try MeasuredCurve("up (A),down (A)\n" + rows, file: "f.csv")
    #expect(plain.unit == "A")
    var format = CurveFormat()
    format.readVoltage = 0.1
    let curve = try MeasuredCurve("up (A),down (A)\n" + rows, file: "f.csv", format: format)
    #expect(Self.made.agrees(with: curve) && curve.unit == "S")
    #expect(curve.summary.contains("currents at 100 mV"))
    let wrong = try #require(refusal("up (S),down (S)\n" + rows, format: format))
    #expect(wrong.message.contains("no current"))
    #expect(
      try #require(refusal("up (V),down (V)\n" + rows)).message.contains("no column is clearly"))
    #expect(try #require(refusal("up (S),down (A)\n" + rows)).message.contains("different units"))
  }

  @Test func countersAreNoReads() throws {
    let both = Self.made.up + Self.made.down
    let text = "pulse,G\n" + both.enumerated().map { "\($0),\($1)\n" }.joined()
    try expect(
      text, says: ["only one column has reads", "column 1, \"pulse\": counts 0 to 119"],
      remedies: ["columns reads=2"])
    // Without a header, and counting from 1.
    try expect(
      both.enumerated().map { "\($0 + 1),\($1)\n" }.joined(), says: ["column 1: counts 1 to 120"],
      remedies: ["columns reads=2"])
  }

  @Test func directionsAreAskedFor() throws {
    let text =
      "direction,G\n" + Self.made.up.map { "1,\($0)\n" }.joined()
      + Self.made.down.map { "-1,\($0)\n" }.joined()
    try expect(
      text, says: ["only one column has reads"],
      remedies: ["columns reads=2,direction=1", "columns reads=2"])
  }

  @Test func columnsThatTurnRound() throws {
    let both = Self.made.up + Self.made.down
    try expect(
      both.map { "\($0),\($0)\n" }.joined(), says: ["column 1 turns round"],
      remedies: ["columns reads=1"])
  }

  @Test func columnsWithoutNamesAreNotGuessed() throws {
    let rows = Self.rows { "\(Self.made.up[$0]),\(Self.made.down[$0]),\(Self.made.up[$0])" }
    try expect(
      rows, says: ["not clear which columns", "column 3: 1.", "column 1: 1."],
      remedies: ["columns up=1,down=2", "down_file FILE"])
  }

  @Test func shortAndFlatBranches() throws {
    #expect(
      try #require(refusal(MadeCurve(up: 9, down: 60).text())).message
        == "the up branch has 9 reads; a fit needs at least 10")
    #expect(
      try #require(refusal(Self.rows { _ in "1.5,1.5" })).message.contains(
        "no column is clearly one of reads"))
    let apart = Self.rows { "\(1 + Double($0) / 100),\(9 - Double($0) / 100)" }
    #expect(try #require(refusal(apart)).message.contains("must overlap"))
  }

  /// A device that no pulse moves, and one that moves at its first pulse alone, are curves.
  @Test func branchesThatHardlyMoveAreRead() throws {
    var random = RandomStream(seed: 5, name: "flat")
    for _ in 0..<50 {
      let flat = Self.rows { _ in "\(random.uniform(1, 2)),\(random.uniform(1, 2))" }
      #expect(refusal(flat) == nil)
      let abrupt = Self.rows { place in
        "\(place == 0 ? 0.1 : random.uniform(1, 1.1)),\(place == 0 ? 1 : random.uniform(0.1, 0.2))"
      }
      #expect(refusal(abrupt) == nil)
    }
  }

  /// Whatever a file holds, it is read or refused: never a crash, and no read that is not finite.
  @Test func mutatedFilesAreReadOrRefused() {
    let texts = [
      Self.made.text(), "pulse;up (µS);down (µS)\r\n1;1,5;2,5\r\n2;1,75;2,25\r\n",
      (Self.made.up + Self.made.down).map { "\($0)\n" }.joined(),
      "device\tcycle\tup\tdown\nA\t1\t1.0 uS\t2 uS\nB\t1\t1.5 uS\tnan\n",
      "LTP\n1\n2\n3\n\nLTD\n3\n2\n1\n", "\"a\",\"b\"\n1e5,D\n1D5,-\n",
    ].map { Array($0.utf8) }
    let interesting =
      Array("0123456789.,;-+eED#%/\"\n\r\t nainfupdow()[]µS".utf8) + [0, 0xFF, 0xFE]
    var random = RandomStream(seed: 43)
    var read = 0
    for round in 0..<6_000 {
      let bytes = mutated(texts[round % texts.count], with: interesting, &random)
      do throws(MeasuredCurveError) {
        let text = try CurveText.decoded(bytes, file: "fuzz")
        let curve = try MeasuredCurve(text, file: "fuzz")
        let again = try MeasuredCurve(recorded: curve.record, file: "fuzz")
        #expect(again.cycles == curve.cycles)
        #expect(curve.cycles.allSatisfy { ($0.up + $0.down).allSatisfy(\.isFinite) })
        read += 1
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
    #expect(read > 200)
  }
}

extension String {
  /// A remedy's entry without its condition.
  fileprivate var components: String {
    firstIndex(of: "}").map { String(self[...$0]) } ?? self
  }
}

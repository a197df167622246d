import SaltireCore
import Testing

@testable import SaltireDevices

/// Which column and which part of it is which branch.
@Suite struct CurveLayoutTests {
  private static let made = MadeCurve()
  private static let three = (1...3).map { MadeCurve(seed: $0) }

  private static func long(_ curves: [MadeCurve]) -> [(Double, isUp: Bool)] {
    curves.flatMap { curve in curve.up.map { ($0, true) } + curve.down.map { ($0, false) } }
  }

  /// The cycles of three made curves.
  private static func expectThree(_ text: String, _ format: CurveFormat = CurveFormat()) throws {
    let curve = try MeasuredCurve(text, file: "f.csv", format: format)
    #expect(curve.cycles == three.map(\.cycle))
    #expect(curve.summary.contains("3 cycles"))
  }

  // MARK: Columns

  @Test(arguments: [
    "up=2,down=1", "up=rise,down=fall", "down=1,up=RISE", " up = 2 , down = fall ",
  ])
  func columnsAreTakenByNameOrNumber(setting: String) throws {
    let text = "fall,rise\n" + Self.made.rows().map(Self.swapped).joined(separator: "\n")
    let curve = try MeasuredCurve(text, file: "f.csv", format: try columns(setting))
    #expect(Self.made.agrees(with: curve))
    #expect(curve.summary.contains("up: column 2, \"rise\""))
  }

  private static func swapped(_ row: String) -> String {
    row.split(separator: ",").reversed().joined(separator: ",")
  }

  @Test(arguments: ["up=1,down=4", "up=rise,down=2"])
  func columnsThatAreNotThereAreListed(setting: String) throws {
    let error = try #require(refusal(Self.made.text(), format: try columns(setting)))
    #expect(error.message.contains("has no column") && error.message.contains("column 2: "))
  }

  @Test(arguments: ["", "1,2", "left=1", "up", "up=,down=2"])
  func columnsOfAnotherFormAreRefused(setting: String) {
    #expect(throws: MeasuredCurveError.self) { try columns(setting) }
  }

  @Test func oneColumnByDirections() throws {
    for (up, down) in [("up", "down"), ("LTP", "LTD"), ("set", "reset"), ("p", "d")] {
      let rows = Self.long(Self.three).map { "\($0.isUp ? up : down),\($0.0)" }
      try Self.expectThree(rows.joined(separator: "\n"))
    }
  }

  /// The sign of a voltage does not say which is up: the reads do, once the user says that it is
  /// the column.
  @Test(arguments: [1.0, -1])
  func oneColumnByTheSignOfTheVoltage(sign: Double) throws {
    let rows = Self.long(Self.three).map { "\($0.isUp ? 4 * sign : -4 * sign),\($0.0)" }
    let text = "V_pulse (V),G (S)\n" + rows.joined(separator: "\n")
    let error = try #require(refusal(text))
    #expect(
      error.remedies.map(\.option).contains { $0.hasPrefix("--columns reads=2,direction=1 ") })
    try Self.expectThree(text, try columns("reads=2,direction=1"))
  }

  @Test func theTableOfAReportIsKnown() throws {
    var lines = ["pulse,cycle,direction,time [s],conductance [S]", "0,1,0,0,1e-06"]
    for (number, (read, isUp)) in Self.long(Self.three).enumerated() {
      lines.append(
        "\(number + 1),\(number / 120 + 1),\(isUp ? 1 : -1),\(Double(number) / 20),\(read)")
    }
    try Self.expectThree(lines.joined(separator: "\n"))
  }

  // MARK: One column

  @Test func oneColumnThatRisesAndFalls() throws {
    for seed in 1...20 {
      let made = MadeCurve(seed: UInt64(seed))
      let text = (made.up + made.down).map { "\($0)" }.joined(separator: "\n")
      #expect(made.agrees(with: try MeasuredCurve(text, file: "f.csv")))
    }
    // Of unequal length, where it turns sharply.
    let sharp = (0..<40).map(Double.init) + (0..<25).map { 38 - 1.5 * Double($0) }
    let curve = try MeasuredCurve(sharp.map { "\($0)" }.joined(separator: "\n"), file: "f.csv")
    #expect(curve.cycles[0].up.count == 40 && curve.cycles[0].down.count == 25)
  }

  @Test func anUnclearTurnIsAskedFor() throws {
    let made = MadeCurve(up: 200, down: 90, noise: 0.2)
    let text = (made.up + made.down).map { "\($0)" }.joined(separator: "\n")
    let error = try #require(refusal(text))
    #expect(error.remedies.map(\.key) == ["pulses"])
    var format = CurveFormat()
    try format.setPulses("up=200,down=90")
    #expect(made.agrees(with: try MeasuredCurve(text, file: "f.csv", format: format)))
    try format.setPulses("up=200,down=80")
    #expect(try #require(refusal(text, format: format)).message.contains("290 reads, which are no"))
  }

  @Test(arguments: ["", "up=1", "up=0,down=3", "1,2", "up=x,down=y"])
  func pulsesOfAnotherFormAreRefused(setting: String) {
    var format = CurveFormat()
    #expect(throws: MeasuredCurveError.self) { try format.setPulses(setting) }
  }

  @Test func sectionsOfAColumn() throws {
    func text(_ up: String, _ down: String) -> String {
      Self.three.map { curve in
        "\(up)\n" + curve.up.map { "\($0)\n" }.joined() + "\(down)\n"
          + curve.down.map { "\($0)\n" }.joined()
      }.joined()
    }
    try Self.expectThree(text("", ""))
    try Self.expectThree(text("Potentiation", "Depression"))
  }

  // MARK: Cycles

  @Test func cyclesBelowOneAnother() throws {
    try Self.expectThree(Self.three.map { $0.text() }.joined())
    let rows = Self.three.enumerated().flatMap { cycle in
      cycle.element.rows().map { "\(cycle.offset + 1),\($0)" }
    }
    try Self.expectThree("cycle,up,down\n" + rows.joined(separator: "\n"))
  }

  /// A branch that falls back once is not two cycles if the other has one.
  @Test func aFallOfOneBranchAloneIsRefused() throws {
    let rows = (0..<60).map { place in
      "\(Self.made.up[place < 40 ? place + 20 : place - 40]),\(Self.made.down[place])"
    }
    let error = try #require(refusal(rows.joined(separator: "\n")))
    #expect(error.message.contains("the up column begins again at line 41, the down column never"))
  }

  @Test func cyclesBesideOneAnother() throws {
    let rows = (0..<60).map { place in
      Self.three.map { "\($0.up[place]),\($0.down[place])" }.joined(separator: ",")
    }
    let text = "up 1,down 1,up 2,down 2,up 3,down 3\n" + rows.joined(separator: "\n")
    let error = try #require(refusal(text))
    #expect(
      error.remedies.map(\.option).map { $0.prefix(20) } == [
        "--device 1  if each ", "--columns up=1,3,5,d",
      ])
    try Self.expectThree(text, try columns("up=1,3,5,down=2,4,6"))
    var format = CurveFormat()
    format.device = "2"
    #expect(Self.three[1].agrees(with: try MeasuredCurve(text, file: "f.csv", format: format)))
  }

  @Test func cyclesInTwoFiles() throws {
    let more = Self.three + [MadeCurve(seed: 4)]
    func text(_ branches: [[Double]]) -> String {
      branches.indices.map { "run \($0 + 1)" }.joined(separator: ",") + "\n"
        + (0..<62).map { place in
          branches.map { $0.element(at: place).map { "\($0)" } ?? "" }.joined(separator: ",")
        }.joined(separator: "\n")
    }
    let ups = Self.three.enumerated().map {
      $0.element.up + [$0.element.up.max()!].prefix($0.offset)
    }
    let curve = try MeasuredCurve(
      text(ups), file: "set.csv", down: (text(more.map(\.down)), "reset.csv"))
    #expect(curve.cycles.map(\.up) == ups && curve.cycles.map(\.down) == Self.three.map(\.down))
    #expect(curve.summary.contains("60 to 61 pulses"))
    #expect(curve.summary.contains("columns 1 to 4 of reset.csv"))
    #expect(curve.summary.hasSuffix("the last down branch has no partner and is left out"))
    let alone = try #require(refusal(text(ups)))
    #expect(alone.remedies.map(\.key) == ["columns", "down_file"])
    #expect(refusal(text(ups), down: text(more.map(\.up))) != nil)
  }

  // MARK: Devices

  @Test func devicesInRows() throws {
    let rows = Self.three.enumerated().flatMap { device in
      device.element.rows().map { "D\(device.offset),\($0)" }
    }
    let text = "device,up,down\n" + rows.joined(separator: "\n")
    let error = try #require(refusal(text))
    #expect(error.message.contains("several devices") && error.message.contains("D0, D1, D2"))
    var format = CurveFormat()
    for (number, made) in Self.three.enumerated() {
      format.device = "D\(number)"
      let curve = try MeasuredCurve(text, file: "f.csv", format: format)
      #expect(made.agrees(with: curve) && curve.summary.contains("device D\(number)"))
    }
    format.device = "D3"
    #expect(try #require(refusal(text, format: format)).message.contains("no device 'D3'"))
  }

  /// Numbers are names too.
  @Test func devicesByNumber() throws {
    let rows = Self.three.enumerated().flatMap { device in
      device.element.rows().map { "\(device.offset + 1),\($0)" }
    }
    let text = "device,up,down\n" + rows.joined(separator: "\n")
    #expect(try #require(refusal(text)).message.contains("1, 2, 3"))
    var format = CurveFormat()
    format.device = "3"
    #expect(Self.three[2].agrees(with: try MeasuredCurve(text, file: "f.csv", format: format)))
  }

  @Test func devicesInPairsOfColumns() throws {
    let rows = (0..<60).map { place in
      Self.three.map { "\($0.up[place]),\($0.down[place])" }.joined(separator: ",")
    }
    let text = "D1_up,D1_down,D2_up,D2_down,P1_up,P1_down\n" + rows.joined(separator: "\n")
    #expect(try #require(refusal(text)).message.contains("D1, D2, P1"))
    var format = CurveFormat()
    format.device = "P1"
    #expect(Self.three[2].agrees(with: try MeasuredCurve(text, file: "f.csv", format: format)))
  }

  // MARK: Records

  @Test func aRecordGivesTheSameCurve() throws {
    var format = CurveFormat()
    format.device = "D2"
    let rows = Self.three.enumerated().flatMap { device in
      device.element.rows().map { "D\(device.offset),\($0)" }
    }
    let curve = try MeasuredCurve(
      "device,up (nS),down (nS)\n" + rows.joined(separator: "\n"), file: "f.csv", format: format)
    let again = try MeasuredCurve(recorded: curve.record, file: "f.csv")
    #expect(again.cycles == curve.cycles && again.unit == "S")
    let ragged = try MeasuredCurve(MadeCurve(up: 60, down: 41).text(), file: "f.csv")
    #expect(try MeasuredCurve(recorded: ragged.record, file: "f.csv").cycles == ragged.cycles)
  }

  /// Whatever an earlier version accepted is read as it was then.
  @Test func whatEarlierSessionsRecordedIsNotJudged() throws {
    let swapped = "G (uS),G (uS)\n" + Self.made.rows().map(Self.swapped).joined(separator: "\n")
    let curve = try MeasuredCurve(recorded: swapped, file: "f.csv")
    #expect(curve.cycles == [.init(up: Self.made.down, down: Self.made.up)] && curve.unit == "")
    let stacked = try MeasuredCurve(recorded: Self.made.text() + Self.made.text(), file: "f.csv")
    #expect(stacked.cycles.count == 1 && stacked.cycles[0].up == Self.made.up + Self.made.up)
    let counted = try MeasuredCurve(
      recorded: (0..<40).map { "\($0),\(39 - $0)\n" }.joined(), file: "f.csv")
    #expect(counted.cycles[0].up == (0..<40).map(Double.init))
  }
}

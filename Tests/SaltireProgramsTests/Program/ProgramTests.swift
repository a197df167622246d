import SaltireCore
import SaltireLearning
import SaltirePrograms
import TestRigs
import Testing

@Suite struct ProgramTests {
  /// Slots 0 … 5: the first line fires in 0 and 2, the second in 2 and 5.
  private let train = PulseTrain(
    slots: 6, width: 0.01, gap: 0.02,
    lines: [
      .init("RA", level: -2, fires: BitTrain([true, false, true, false, false, false])),
      .init("GA1", level: 1.5, fires: BitTrain([false, false, true, false, false, true])),
    ])

  @Test func theExtentAddsUpEveryStep() {
    let read = Reading(
      drives: [.init("DA1", level: -0.1), .init("DA2", level: 0.05)], measures: ["RA", "DA2"],
      integration: 0.04)
    let extent = Program([
      .rest(1), .repeat(3, [.train(train), .read(read), .repeat(2, [.rest(0.5)])]),
      .pulse("GA1", level: 3.5, width: 0.25),
    ]).extent
    #expect(abs(extent.duration - (1 + 3 * (6 * 0.03 + 0.04 + 2 * 0.5) + 0.25)) < 1e-12)
    // Three slots fire in a train: slot 2 counts once though both lines do.
    #expect(extent.pulses == 3 * 3 + 1)
    #expect(extent.readings == 3 * 2)
    #expect(extent.peakPulse == 3.5)
    #expect(extent.peakDrive == 0.1)
  }

  @Test func aLineThatFiresAlwaysFillsEverySlot() {
    var all = train
    all.lines.append(.init("GA2", level: 1, fires: nil))
    #expect(all.firingSlots == 6)
    #expect(train.firingSlots == 3)
    let none = PulseTrain(
      slots: 130, width: 1, gap: 0,
      lines: [.init("RA", level: 1, fires: BitTrain([Bool](repeating: false, count: 130)))])
    #expect(none.firingSlots == 0)
    var last = none
    last.lines[0].fires = BitTrain([Bool](repeating: false, count: 129) + [true])
    #expect(last.firingSlots == 1)
  }

  @Test func onlyTrainsMoveDevices() {
    #expect(!Program([.look(), .rest(5), .repeat(3, [.look(), .repeat(2, [.rest(1)])])]).moves)
    #expect(Program([.look(), .repeat(3, [.rest(1), .repeat(2, [.train(train)])])]).moves)
    #expect(!Program([]).moves)
  }

  /// A repeat asks for what its body asks for, written out; 300 random
  /// programs.
  @Test func repeatsCountAsIfTheyWereWrittenOut() {
    var programs = RandomPrograms(seed: 1)
    for _ in 0..<300 {
      let program = programs.program()
      let flat = Program(Self.written(program.steps))
      #expect(program.extent.pulses == flat.extent.pulses)
      #expect(program.extent.readings == flat.extent.readings)
      #expect(program.readings == flat.extent.readings)
      let duration = flat.extent.duration
      #expect(abs(program.extent.duration - duration) <= 1e-9 * max(duration, 1))
      if flat.moves { #expect(program.moves) }
    }
  }

  /// Every step has its line, indented by how deep it stands in repeats.
  @Test func theDescriptionShowsEveryStep() {
    let text = Program([
      .rest(1), .repeat(3, [.train(train), .look(), .repeat(2, [.rest(0.5)])]),
    ]).description
    #expect(
      text == """
        rest 1 s
        repeat 3 ×
          pulse RA -2 V [101000], GA1 1.5 V [001001]; 6 × 10 ms every 30 ms
          read RA with DA1 100 mV for 20 ms
          repeat 2 ×
            rest 500 ms
        """)
    var programs = RandomPrograms(seed: 2)
    programs.terminals = ["RA", "GA1", "DA1"]
    for _ in 0..<100 {
      let program = programs.program()
      let lines = program.description.split(separator: "\n").count
      #expect(lines == Self.count(program.steps))
    }
  }

  private static func written(_ steps: [Step]) -> [Step] {
    steps.flatMap { step -> [Step] in
      guard case .repeat(let times, let body) = step else { return [step] }
      return (0..<times).flatMap { _ in written(body) }
    }
  }

  private static func count(_ steps: [Step]) -> Int {
    steps.reduce(0) { total, step in
      guard case .repeat(_, let body) = step else { return total + 1 }
      return total + 1 + count(body)
    }
  }
}

import SaltireCore
import SaltireLearning
import TestRigs
import Testing

@testable import SaltirePrograms

@Suite struct ProgramCodingTests {
  @Test func everyProgramReadsBackFromItsRecord() throws {
    var programs = RandomPrograms(seed: 3)
    var steps = 0
    for _ in 0..<1000 {
      let program = programs.program()
      steps += program.steps.count
      #expect(try Program(record: program.record) == program)
    }
    // The loop must not have been about nothing.
    #expect(steps > 1000)
  }

  @Test func differentProgramsHaveDifferentRecords() {
    var programs = RandomPrograms(seed: 4)
    let all = (0..<150).map { _ in programs.program() }
    for first in all {
      for second in all {
        #expect((first == second) == (first.record == second.record))
      }
    }
  }

  @Test func observationsReadBackBitForBit() throws {
    var random = RandomStream(seed: 5)
    for length in 0..<100 {
      let observations = Observations(
        start: random.uniform(0, 1e6), duration: random.uniform(),
        currents: (0..<length).map { _ in 1e-7 * random.normal() })
      #expect(try Observations(record: observations.record) == observations)
    }
    let odd = Observations(
      start: 0, duration: -0.0, currents: [.infinity, .nan, .leastNonzeroMagnitude])
    let back = try Observations(record: odd.record)
    #expect(back.currents.map(\.bitPattern) == odd.currents.map(\.bitPattern))
    #expect(back.duration.sign == .minus)
  }

  /// Whatever 20 000 broken records say: they are a program that can be shown
  /// and written again, or a RecordError, and never a crash.
  @Test func brokenProgramRecordsAreRefused() throws {
    var programs = RandomPrograms(seed: 6)
    var random = RandomStream(seed: 7)
    var refused = 0
    for index in 0..<20_000 {
      let bytes = Self.broken(programs.program().record, &random)
      do throws(RecordError) {
        let program = try Program(record: bytes)
        let again = program.record
        #expect(try Program(record: again).record == again)
        if index % 20 == 0 { #expect(!program.steps.isEmpty || program.description.isEmpty) }
      } catch {
        #expect(!error.expected.isEmpty)
        refused += 1
      }
    }
    #expect(refused > 5000)
  }

  @Test func brokenObservationRecordsAreRefused() {
    var random = RandomStream(seed: 8)
    var refused = 0
    for length in 0..<2000 {
      let whole = Observations(
        start: 1, duration: 2, currents: [Double](repeating: 1e-7, count: length % 20))
      do throws(RecordError) {
        let back = try Observations(record: Self.broken(whole.record, &random))
        #expect(back.currents.count < 200)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 500)
  }

  @Test func everyTruncationIsRefused() throws {
    var programs = RandomPrograms(seed: 9)
    for _ in 0..<100 {
      let record = programs.program().record
      for length in 0..<record.count {
        #expect(throws: RecordError.self) { try Program(record: Array(record.prefix(length))) }
      }
      #expect(throws: RecordError.self) { try Program(record: record + [0]) }
    }
  }

  /// Lengths are believed only as far as there are bytes; so many repeats
  /// inside each other as no experiment asks for are none.
  @Test func hugeCountsAndDepthsAreRefused() {
    let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F]
    #expect(throws: RecordError.self) { try Program(record: huge) }
    #expect(throws: RecordError.self) {
      try Observations(record: Array(repeating: 0, count: 16) + huge)
    }
    let train: [UInt8] = [1, 1] + huge + Array(repeating: 0, count: 16) + [1, 0]
    #expect(throws: RecordError.self) {
      try Program(record: train + Array(repeating: 0, count: 8) + huge)
    }
    func nested(_ depth: Int) -> [UInt8] {
      Array(repeating: [1, 4, 1], count: depth).flatMap(\.self) + [0]
    }
    #expect(throws: Never.self) { try Program(record: nested(15)) }
    for depth in [16, 10_000] {
      #expect(throws: RecordError(expected: "at most 16 nested repeats")) {
        try Program(record: nested(depth))
      }
    }
  }

  /// Bytes changed, cut off, left out or put in.
  private static func broken(_ record: [UInt8], _ random: inout RandomStream) -> [UInt8] {
    var bytes = record
    for _ in 0...Int(random.uniform() * 3) where !bytes.isEmpty {
      let place = Int(random.uniform() * Double(bytes.count))
      let value = UInt8(truncatingIfNeeded: random.next())
      switch Int(random.uniform() * 5) {
      case 0: bytes[place] ^= 1 << (value & 7)
      case 1: bytes[place] = value
      case 2: bytes.removeLast(bytes.count - place)
      case 3: bytes.remove(at: place)
      default: bytes.insert(value, at: place)
      }
    }
    return bytes
  }
}

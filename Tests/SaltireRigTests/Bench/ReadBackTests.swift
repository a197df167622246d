import SaltireBenches
import SaltireInstruments
import SaltireLinks
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import Synchronization
import TestRigs
import Testing

/// Instruments that answer with infinities, with what is not a number, and with
/// SCPI's value for an overflow.
@Suite struct ReadBackTests {
  private static let infinities = ["inf", "-INF", "1e999", "9.9E37", "+9.900000E+37", "nan"]
  private static let read = Step.read(
    Reading(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02))

  @Test func onlyValuesAgreeWithValues() {
    for answer in Self.infinities + ["", "infinity", "NAN(7)", "9e36", "CURR"] {
      for value in ["0", "1", "1e-06", "-4", "1e30"] {
        #expect(!ReadBack.agrees(answer, with: value), "\(answer), \(value)")
        #expect(!ReadBack.differs(answer, from: value), "\(answer), \(value)")
      }
    }
    #expect(ReadBack.agrees(" 1.0004E-06\r", with: "1e-06"))
    #expect(!ReadBack.agrees("1.1e-06", with: "1e-06"))
    #expect(ReadBack.differs("1.00000e+00", from: "0"))
    #expect(ReadBack.differs("ON", from: "OFF") && !ReadBack.differs("\"off\"", from: "OFF"))
  }

  /// A load of infinity is a word: it has the spelling that its definition has.
  @Test func anInfiniteSettingHasOneSpelling() {
    #expect(ReadBack.agrees("9.9E+37\n", with: "9.9E+37"))
    for answer in ["9.9E37", "9.91E+37", "9.900000E+37", "INF", "inf", "1e999", "nan", "50"] {
      #expect(!ReadBack.agrees(answer, with: "9.9E+37"), "\(answer)")
      #expect(!ReadBack.agrees(answer, with: "nan") || answer == "nan")
    }
    #expect(ReadBack.agrees("INF", with: "INF") && !ReadBack.agrees("inf", with: "INF"))
  }

  /// No output is on where a limit or a range reads back as one of them.
  @Test(arguments: ["simulated-one-device", "simulated-2400", "simulated-b2902a"], infinities)
  func noLimitReadsBackAsInfinite(bench: String, lie: String) async throws {
    let station = try #require(try Shipped.bench(bench).station)
    let limits = station.channels.values.compactMap(\.current)
    let rig = try AlteredRig(
      bench,
      answer: AlteredRig.replacing(
        { number in limits.contains { abs(number - $0) < 1e-3 * $0 } }, by: lie))
    let error = await #expect(throws: BenchError.self) { try await rig.arm() }
    guard case .failed(let failure as InstrumentFailure)? = error,
      case .mismatch(_, _, lie) = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(rig.energised.isEmpty)
  }

  /// Nor where a generator's load is infinite in other words than its own.
  @Test(arguments: infinities + ["9.9E38", "INF"])
  func aLoadHasTheSpellingOfItsDefinition(lie: String) async throws {
    let rig = try AlteredRig(
      "simulated", answer: AlteredRig.replacing({ $0 == 9.9e37 }, by: lie))
    let error = await #expect(throws: BenchError.self) { try await rig.arm() }
    guard case .failed(let failure as InstrumentFailure)? = error,
      case .mismatch(let setting, _, _) = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(setting.contains("LOAD?"))
    #expect(rig.energised.isEmpty)
  }

  /// An output that ignores its command is not confirmed off by such an answer.
  @Test(arguments: ["simulated-one-device", "simulated-2400"], infinities)
  func noOutputIsOffByAnInfinity(bench: String, lie: String) async throws {
    let isOff = Mutex(false)
    let lying = AlteredRig.replacing({ $0 == 1 }, by: lie)
    let rig = try AlteredRig(
      bench, answer: { bytes in isOff.withLock { $0 } ? lying(bytes) : bytes },
      message: { bytes in
        guard isOff.withLock({ $0 }) else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        return Array(
          text.replacing("OUTPUT_OFF", with: "OUTPUT_ON").replacing(":OUTP OFF", with: ":OUTP ON")
            .utf8)
      })
    try await rig.arm()
    let isOn = rig.energised
    isOff.withLock { $0 = true }
    let report = await rig.live.makeSafe()
    #expect(!rig.energised.isEmpty)
    #expect(!report.isSafe)
    let confirmed = report.terminals.filter { $0.state == .confirmed }.map(\.terminal)
    #expect(Set(confirmed).isDisjoint(with: rig.energised) && !isOn.isEmpty)
  }

  /// What says neither on nor off is not armed.
  @Test(arguments: infinities)
  func noOutputIsOnByAnInfinity(lie: String) async throws {
    let isOn = Mutex(false)
    let lying = AlteredRig.replacing({ $0 == 1 }, by: lie)
    let rig = try AlteredRig(
      "simulated-one-device", answer: { bytes in isOn.withLock { $0 } ? lying(bytes) : bytes },
      message: { bytes in
        if String(decoding: bytes, as: UTF8.self).contains("OUTPUT_ON") {
          isOn.withLock { $0 = true }
        }
        return bytes
      })
    let error = await #expect(throws: BenchError.self) { try await rig.arm() }
    guard case .failed(let failure as InstrumentFailure)? = error,
      case .mismatch(_, "on", lie) = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// A reading that is none of the numbers that a current can be ends the program,
  /// whoever made it: the host, a script or a sweep.
  @Test(
    arguments: [
      ("simulated-one-device", "host-stepped"), ("simulated-2400-triggered", "best"),
      ("simulated-2400", "host-stepped"),
    ], infinities)
  func noReadingIsInfinite(on bench: (name: String, engine: String), lie: String) async throws {
    let isLying = Mutex(false)
    // Readings are not whole numbers; levels and flags are.
    let lying = AlteredRig.replacing({ $0 != 0 && abs($0) < 1e-3 }, by: lie)
    let rig = try AlteredRig(
      bench.name, ["meters.noise=0 A", "engine=\(bench.engine)"],
      answer: { bytes in isLying.withLock { $0 } ? lying(bytes) : bytes })
    try await rig.arm()
    isLying.withLock { $0 = true }
    let error = await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([.repeat(5, [Self.read, .rest(0.05)])]))
    }
    guard case .limit(let violation)? = error, violation.kind == .overflow else {
      Issue.record("\(String(describing: error))")
      return
    }
    isLying.withLock { $0 = false }
    #expect(await rig.live.makeSafe().isSafe)
  }

  /// Nor one of those that a script brings as bytes.
  @Test(arguments: [Float.nan, .infinity, -.infinity, .signalingNaN, 9.9e37])
  func noReadingOfAScriptIsInfinite(lie: Float) async throws {
    let rig = try AlteredRig(
      "simulated-one-device", ["meters.noise=0 A"],
      answer: { bytes in
        guard bytes.starts(with: Array("#0".utf8)), bytes.count >= 7 else { return bytes }
        let bits = withUnsafeBytes(of: lie.bitPattern.littleEndian) { Array($0) }
        return Array(bytes[..<2]) + bits + Array(bytes[6...])
      })
    try await rig.arm()
    let error = await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([.repeat(5, [Self.read, .rest(0.05)])]))
    }
    guard case .limit(let violation)? = error, violation.kind == .overflow else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// How many errors there are is no number to count to before it was looked at.
  @Test(arguments: ["-1", "1e30", "nan", "inf", "0.5", "-9.3e18"])
  func aCountOfErrorsIsACount(lie: String) async throws {
    let isLying = Mutex(false)
    let rig = try AlteredRig(
      "simulated-one-device",
      answer: { bytes in
        guard isLying.withLock({ $0 }) else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasPrefix("errors\t") ? Array("errors\t\(lie)\n".utf8) : bytes
      })
    try await rig.arm()
    isLying.withLock { $0 = true }
    await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([Self.read]))
    }
    #expect(await !rig.live.makeSafe().isSafe)
    #expect(rig.energised.isEmpty)
  }

  /// Nor are those that a script leaves.
  @Test(arguments: ["-1", "1e15", "9.3e18", "nan", "4"])
  func aCountOfReadingsIsACount(lie: String) async throws {
    let rig = try AlteredRig(
      "simulated-one-device", ["meters.noise=0 A"],
      answer: AlteredRig.replacing({ $0 == 5 }, by: lie))
    try await rig.arm()
    let error = await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([.repeat(5, [Self.read, .rest(0.05)])]))
    }
    guard case .failed(is InstrumentFailure)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// A block with a byte too many or too few in it holds no numbers.
  @Test(arguments: [-1, 1]) func aBlockHasItsLength(excess: Int) async throws {
    let rig = try AlteredRig(
      "simulated-one-device", ["meters.noise=0 A"],
      answer: { bytes in
        guard bytes.starts(with: Array("#0".utf8)), bytes.count >= 7 else { return bytes }
        return excess > 0
          ? Array(bytes[..<5]) + [7] + Array(bytes[5...].dropLast())
          : Array(bytes.dropLast(2)) + [10]
      })
    try await rig.arm()
    let error = await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([.repeat(5, [Self.read, .rest(0.05)])]))
    }
    guard case .failed(let failure as InstrumentFailure)? = error,
      case .link(.malformed) = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// A flag that says neither yes nor no is not taken for either.
  @Test func aFlagIsAFlag() async throws {
    let isLying = Mutex(false)
    let rig = try AlteredRig(
      "simulated-2400", ["meters.noise=0 A", "engine=host-stepped"],
      answer: { bytes in
        guard isLying.withLock({ $0 }) else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        return Array(text.replacing(";0\n", with: ";nan\n").replacing(";0\r", with: ";nan\r").utf8)
      })
    try await rig.arm()
    isLying.withLock { $0 = true }
    let error = await #expect(throws: BenchError.self) {
      _ = try await rig.live.perform(Program([Self.read]))
    }
    guard case .failed(let failure as InstrumentFailure)? = error,
      case .unexpectedReply = failure.error
    else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}

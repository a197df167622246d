import Foundation
public import SaltireInstruments
public import SaltirePrograms
import Synchronization

/// The settings of a terminal's channel, queried without changing them.
public struct TerminalCheck: Sendable {
  public var terminal: Terminal
  public var isOn: Bool
  public var settings: [Setting]

  /// A setting that arming makes or requires: the query, the value after arming, the present value.
  public struct Setting: Sendable {
    public var question: String
    public var armed: String
    public var found: String
    /// Whether arming only asks for it, and refuses any other value.
    public var isOnlyAsked: Bool

    /// Whether arming would change nothing.
    public var isAsArmed: Bool { ReadBack.agrees(found, with: armed) }
  }
}

extension LiveBench {
  /// Connects to every instrument and queries its identity. Changes nothing.
  ///
  /// - Returns: the identities, by instrument name.
  /// - Throws: `BenchError` from the first instrument that does not respond as expected.
  public func connect() async throws(BenchError) -> [String: Identity] {
    var identities: [String: Identity] = [:]
    for (name, instrument) in instruments.sorted(by: { $0.key < $1.key }) {
      let identity = try await instrument.onBench { () async throws(InstrumentError) in
        try await instrument.connect()
      }
      if let other = identities.first(where: { $0.value == identity }) {
        throw .failed(InstrumentFailure(name, .duplicate(identity, of: other.key)))
      }
      identities[name] = identity
    }
    return identities
  }

  /// Closes every link.
  package func disconnect() async {
    for instrument in instruments.values { await instrument.disconnect() }
  }

  /// Reads and clears the error queues.
  ///
  /// - Returns: the entries, by instrument name.
  /// - Throws: `BenchError`.
  public func takeErrors() async throws(BenchError) -> [String: [ErrorReport]] {
    var errors: [String: [ErrorReport]] = [:]
    for (name, instrument) in instruments.sorted(by: { $0.key < $1.key }) {
      let found = try await instrument.onBench { () async throws(InstrumentError) in
        try await instrument.takeErrors()
      }
      if !found.isEmpty { errors[name] = found }
    }
    return errors
  }

  /// Queries everything that arming would set. Changes nothing.
  ///
  /// - Throws: `BenchError`.
  public func check() async throws(BenchError) -> [TerminalCheck] {
    var checks: [TerminalCheck] = []
    for output in safeOrder.reversed() {
      let settings = output.lastArmSettings
      let questions =
        output.definition.requirements.map { ($0.question, $0.expected, true) }
        + settings.map { ($0.get, $0.expected, $0.set == nil) }
      let answers = try await output.answers(to: questions.map(\.0))
      checks.append(
        TerminalCheck(
          terminal: output.terminal, isOn: !output.isOff(answers[0]),
          settings: zip(questions, answers.dropFirst()).map {
            TerminalCheck.Setting(
              question: $0.0, armed: $0.1, found: $1.trimmingCharacters(in: .whitespaces),
              isOnlyAsked: $0.2)
          }))
    }
    return checks
  }

  /// Sets every limit and range with the outputs off, reads each back, and only then switches the
  /// outputs on, rows and drains before gates.
  ///
  /// - Returns: errors that were already in the queues, by instrument.
  /// - Throws: `BenchError`, with `InstrumentError.mismatch` for a setting that reads back
  ///   differently. All settings are made before any output is on; if an output does not switch on,
  ///   others may be on until the bench is made safe.
  @discardableResult
  public func arm() async throws(BenchError) -> [String: [ErrorReport]] {
    // From here on every output must be confirmed off at the end.
    touch()
    return try await interruptible { () async throws(BenchError) in
      try await self.armUninterrupted()
    }
  }

  private func armUninterrupted() async throws(BenchError) -> [String: [ErrorReport]] {
    // Earlier errors are not errors of this run.
    let errors = try await takeErrors()
    for output in safeOrder {
      if try await !output.isOff(output.instrument.run(output.lines(.output))[0]) {
        // The output may have been left on: bring it to its safe level first.
        _ = try await output.instrument.run(output.lines(.safe))
        _ = try await output.instrument.run(output.lines(.off))
      }
    }
    var made: [String: Set<ArmSetting>] = [:]
    for output in safeOrder.reversed() {
      // What its channels share is set once.
      let before = made[output.instrument.name, default: []]
      let settings = output.armSettings.filter { !before.contains($0) }
      try await set(settings, on: output.instrument)
      made[output.instrument.name, default: []].formUnion(settings)
    }
    for line in lines { try await set(line.settings, on: line.instrument) }
    for output in safeOrder.reversed() {
      let answers = try await output.instrument.run(output.lines(.on) + output.lines(.output))
      guard output.isOn(answers[0]) else {
        throw .failed(
          InstrumentFailure(
            output.instrument.name,
            .mismatch(setting: "output of \(output.terminal)", asked: "on", found: answers[0])))
      }
    }
    setArmed(true)
    let now = try await time()
    state.withLock {
      $0.verified = now
      $0.verifiesAt = now + Self.shortestInterval
    }
    return errors
  }

  private func set(
    _ settings: [ArmSetting], on instrument: Instrument
  ) async throws(BenchError) {
    // In small groups, because instruments have short input buffers.
    for start in stride(from: 0, to: settings.count, by: 8) {
      let some = settings[start..<min(start + 8, settings.count)]
      let answers = try await instrument.run(
        some.flatMap { ($0.set.map { [Line.command($0)] } ?? []) + [.query($0.get)] })
      for (setting, answer) in zip(some, answers) {
        if let difference = setting.difference(answer) {
          throw .failed(InstrumentFailure(instrument.name, difference))
        }
      }
    }
  }

  /// The outputs in the order of the safe sequence.
  var safeOrder: [Output] { safeStages.flatMap(\.self) }

  /// Gates, rows, drains: the commands of one stage are sent before those of the next.
  var safeStages: [[Output]] {
    let all = wiring.terminals.compactMap { outputs[$0] }
    let rows = Set(wiring.arrays.compactMap(\.row))
    return [
      all.filter { wiring.isGate($0.terminal) }, all.filter { rows.contains($0.terminal) },
      all.filter { !wiring.isGate($0.terminal) && !rows.contains($0.terminal) },
    ]
  }
}

/// One setting of arming with its values filled in: the command, the query and the required reply.
struct ArmSetting: Sendable, Hashable {
  /// Nil if it is only asked.
  let set: String?
  let get: String
  let expected: String
  /// The fact of the bench file that it is compared with, if it is only asked.
  private let fact: InstrumentError.BenchFact?

  init(_ setting: Definition.Setting, _ values: [String: String]) {
    set = setting.set?.filled(values)
    get = setting.get.filled(values)
    expected = setting.expected.filled(values)
    fact = InstrumentError.BenchFact.allCases.first { setting.expected.text == "{\($0.rawValue)}" }
  }

  /// The error of an answer that differs from the required one.
  func difference(_ answer: String) -> InstrumentError? {
    if ReadBack.agrees(answer, with: expected) { return nil }
    let found = answer.trimmingCharacters(in: .whitespaces)
    if let fact { return .unlikeBench(fact, asked: expected, found: found) }
    guard set == nil else { return .mismatch(setting: get, asked: expected, found: found) }
    return .unfit(
      question: get, expected: expected, found: found,
      advice: "somebody set it so; a reset (*RST) of the instrument undoes it")
  }
}

extension LiveBench.Output {
  /// The arming settings with the limits of this terminal filled in.
  var armSettings: [ArmSetting] {
    let model = instrument.model
    var values = model.numbers.mapValues(LiveBench.text)
    values["ch"] = channel.name
    switch definition.role {
    case .sourceMeter:
      let current = channel.current ?? 0
      values["voltage_range"] = LiveBench.text(Self.covering(channel.voltage, model.voltageRanges))
      values["current_range"] = LiveBench.text(Self.covering(current, model.currentRanges))
      values["current"] = LiveBench.text(current)
      values["mains"] = LiveBench.text(mains)
      // As SCPI abbreviates words.
      values["side"] = side.rawValue.prefix(4).uppercased()
    case .pulseSource:
      // Any width; programs set their own.
      values["width"] = LiveBench.text(1e-3)
      values["period"] = LiveBench.text(LiveBench.period(1e-3))
      values["voltage"] = LiveBench.text(channel.voltage)
    case .switch: break
    }
    return definition.arm.filter { $0.isOf(model) }.map {
      ArmSetting($0, values)
    }
  }

  /// Whether the reply to the `output` query means off.
  func isOff(_ answer: String) -> Bool { ReadBack.agrees(answer, with: definition.offReply) }

  /// Whether it means on. An output that is neither on nor off is not armed.
  func isOn(_ answer: String) -> Bool { ReadBack.differs(answer, from: definition.offReply) }

  private static func covering(_ value: Double, _ ranges: [Double]) -> Double {
    ranges.first { $0 >= value * (1 - 1e-9) } ?? ranges.last ?? value
  }
}

import Foundation
import SaltireInstruments
public import SaltirePrograms
import Synchronization

/// Arming sets and reads back; afterwards somebody at the front panel, a protection circuit or
/// another program may still change what it set. So the settings are queried again during a run and
/// before its outcome counts.
extension LiveBench {
  /// Queries all outputs and settings again and compares them with what the instruments were told.
  ///
  /// Does nothing if the bench is not armed.
  ///
  /// - Throws: `BenchError`, with `InstrumentError.moved` for a setting that has changed.
  public func verify() async throws(BenchError) {
    guard let last = state.withLock({ $0.isArmed ? $0.verified : nil }) else { return }
    try await interruptible { () async throws(BenchError) in
      let begin = try await self.time()
      let settings = self.state.withLock { $0.settings }
      for output in self.safeOrder.reversed() {
        try await self.verify(output, settings, since: begin - last)
      }
      let end = try await self.time()
      self.state.withLock {
        $0.verified = end
        $0.verifiesAt = end + max(Self.shortestInterval, (end - begin) / Self.share)
      }
    }
  }

  /// Verifies the settings if that is due.
  ///
  /// - Returns: whether it was.
  func verify(at time: Double) async throws(BenchError) -> Bool {
    guard time >= state.withLock({ $0.verifiesAt }) else { return false }
    try await verify()
    return true
  }

  private func verify(
    _ output: Output, _ settings: LiveSettings, since seconds: Double
  ) async throws(BenchError) {
    let present = output.present(settings)
    let questions =
      output.definition.requirements.map { Question($0.question, Expected($0.expected)) }
      + output.lastArmSettings.compactMap { setting in
        present.expected(setting).map { Question(setting.get, $0) }
      }
    let answers = try await output.answers(to: questions.map(\.text))
    try output.requireOn(answers[0], since: seconds)
    for (question, answer) in zip(questions, answers.dropFirst())
    where !question.expected.isMet(by: answer) {
      throw output.moved(question.text, question.expected.text, answer, since: seconds)
    }
  }

  /// The maximum share of a run's time that verification takes.
  private static let share = 0.01
  /// The minimum time between two verifications, in lab seconds.
  static let shortestInterval = 60.0
}

extension LiveBench.Output {
  /// Requires that the reply to the `output` query means on.
  ///
  /// - Parameter seconds: the time since it was last known to be on.
  /// - Throws: `BenchError`, with `InstrumentError.moved`.
  func requireOn(_ answer: String, since seconds: Double) throws(BenchError) {
    guard isOn(answer) else {
      throw moved("output of \(terminal)", "on", "off (\(answer))", since: seconds)
    }
  }

  fileprivate func moved(
    _ setting: String, _ expected: String, _ found: String, since seconds: Double
  ) -> BenchError {
    .failed(
      InstrumentFailure(
        instrument.name,
        .moved(
          setting: setting, expected: expected,
          found: found.trimmingCharacters(in: .whitespaces), seconds: seconds)))
  }

  /// The replies to the `output` query and to others, without any change.
  func answers(to questions: [String]) async throws(BenchError) -> [String] {
    let lines = lines(.output) + questions.map { .query($0) }
    var answers: [String] = []
    // In small groups, because instruments have short input buffers.
    for start in stride(from: 0, to: lines.count, by: 8) {
      answers += try await instrument.run(Array(lines[start..<min(start + 8, lines.count)]))
    }
    return answers
  }

  /// The arming settings; if arming sets something more than once, the last value counts.
  var lastArmSettings: [ArmSetting] {
    let all = armSettings
    return all.enumerated().filter { index, setting in
      !all[(index + 1)...].contains { $0.get == setting.get }
    }.map(\.element)
  }

  /// The values of settings that programs change, from the operations that set them last.
  fileprivate func present(_ settings: LiveSettings) -> PresentSettings {
    var present = PresentSettings()
    if isSourceMeter {
      present.add(lines(.level(settings.levels[terminal] ?? 0)))
      if let cycles = settings.cycles[terminal] {
        present.add(lines(.integration(cycles: cycles)))
      }
    } else if let pulses = settings.pulses[terminal] {
      present.add(lines(.timing(width: pulses.width, period: pulses.period)))
      present.add(lines(.pulse(level: pulses.level, least: 0)))
      present.add(lines(.count(pulses.count)))
    }
    if settings.waveforms.contains(terminal) { present.skip(lines(.waveform([], step: 1))) }
    if settings.listening.contains(terminal) {
      for edge in Engines.Edge.allCases { present.skip(lines(.listen(edge, lead: 0))) }
    }
    return present
  }
}

private struct Question {
  let text: String
  let expected: Expected

  init(_ text: String, _ expected: Expected) {
    self.text = text
    self.expected = expected
  }
}

/// A reply, or the value of a command, whose short form (`INV`) may be answered in full (SCPI-99,
/// 6.2.1).
private struct Expected {
  let text: String
  let isCommand: Bool

  init(_ text: String, isCommand: Bool = false) {
    self.text = text
    self.isCommand = isCommand
  }

  func isMet(by answer: String) -> Bool {
    ReadBack.agrees(answer, with: text)
      || isCommand && ReadBack.value(text) == nil
        && answer.lowercased().hasPrefix(text.lowercased())
  }
}

/// What the commands sent last have set, by the part of a command that names the setting.
private struct PresentSettings {
  /// The value; nil if it is not known here.
  private var values: [String: String?] = [:]

  mutating func add(_ lines: [Line]) {
    for case .command(let text) in lines {
      let (name, value) = Self.parts(of: text)
      values[name] = .some(value)
    }
  }

  mutating func skip(_ lines: [Line]) {
    for case .command(let text) in lines { values[Self.parts(of: text).name] = .some(nil) }
  }

  /// The reply that an armed setting must give now; nil if that is not known.
  ///
  /// What arming only asked is not asked again: levels of the run may have moved it.
  func expected(_ setting: ArmSetting) -> Expected? {
    guard let set = setting.set else { return nil }
    let (name, armed) = Self.parts(of: set)
    guard let value = values[name] else { return Expected(setting.expected) }
    return value.map { $0 == armed ? Expected(setting.expected) : Expected($0, isCommand: true) }
  }

  /// `:SOUR:VOLT 1` and `smua.source.levelv=1`.
  private static func parts(of command: String) -> (name: String, value: String) {
    let end = command.firstIndex { $0 == " " || $0 == "=" } ?? command.endIndex
    return (String(command[..<end]), String(command[end...].dropFirst()))
  }
}

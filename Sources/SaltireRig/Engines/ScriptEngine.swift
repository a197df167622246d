import SaltireCore
import SaltireInstruments
import SaltirePrograms

/// Runs actions as scripts inside an instrument; the host performs actions that involve other
/// instruments.
struct ScriptEngine: Sendable {
  let instrument: Instrument
  let script: Engines.Script
  /// Its channels.
  let outputs: [LiveBench.Output]

  /// The parts, in order. Loops with too many rounds for one script are split between rounds.
  func parts(of actions: [Action]) -> [ProgramEngine.Part] {
    var cutter = Cutter(engine: self)
    for action in actions { cutter.add(action) }
    cutter.finish()
    return cutter.parts
  }

  /// Runs actions as one script.
  ///
  /// - Returns: the measured currents, in amperes into the instrument.
  /// - Throws: `BenchError`; `limit` if a reading is in compliance, `InstrumentError.moved` if an
  ///   output has gone off.
  func perform(_ actions: [Action]) async throws(BenchError) -> [Double] {
    let text = Script(
      actions, safe: outputs.flatMap { $0.lines(.safe) }, statement: script.statement)
    _ = try await instrument.run([.command(text.text)], taking: text.seconds * 1.1 + 1)
    if text.checks == 0 { return [] }
    // The outputs are queried with the results, which takes no message more.
    let answers = try await instrument.run(
      Script.questions + outputs.flatMap { $0.lines(.output) })
    for (output, answer) in zip(outputs, answers.dropFirst(Script.questions.count)) {
      try output.requireOn(answer, since: text.seconds)
    }
    let most = actions.reduce(0) { $0 + $1.readings }
    let numbers = answers.map { Double($0) ?? .nan }
    guard let count = numbers.element(at: 0).flatMap({ Int(count: $0, upTo: most) }),
      let stop = numbers.element(at: 1).flatMap({ Int(count: $0, upTo: text.checks) })
    else {
      throw .unexpected(
        answers.joined(separator: ", "), to: "the results of a script", from: instrument)
    }
    let values = count == 0 ? [] : try await readings(count)
    if stop > 0 {
      throw .reading(.compliance, values.last.map(abs) ?? .nan, at: text.place(stop))
    }
    guard count == most else {
      throw .unexpected("\(count) readings", to: "a script of \(most)", from: instrument)
    }
    if let index = values.firstIndex(where: { !ReadBack.isValue($0) }) {
      throw .reading(.overflow, values[index], at: text.terminals[index])
    }
    return values.map { -$0 }
  }

  private func readings(_ count: Int) async throws(BenchError) -> [Double] {
    try await instrument.onBench { () async throws(InstrumentError) in
      try await instrument.askNumbers(Script.answer(count), count: count)
    }
  }
}

/// Splits actions into scripts of limited size and actions of the host.
private struct Cutter {
  let engine: ScriptEngine
  private(set) var parts: [ProgramEngine.Part] = []
  private var inside: [Action] = []
  private var readings = 0
  private var lines = 0

  /// The maximum number of lines in a script.
  private static let mostLines = 2000

  init(engine: ScriptEngine) { self.engine = engine }

  mutating func add(_ action: Action) {
    guard action.belongs(to: engine.instrument) else {
      finish()
      parts.append(host: action)
      return
    }
    // Splits only before loops, where no pulse is in progress: a script that ended elsewhere would
    // hold a level until the next one starts.
    guard !fits(action), case .loop(let times, let body, let levels) = action else {
      return append(action)
    }
    let once = Action.loop(1, body, from: levels)
    let rounds = once.readings == 0 ? times : engine.script.readings / once.readings
    guard rounds > 0, once.lines < Self.mostLines else {
      for _ in 0..<times { for action in body { add(action) } }
      return
    }
    var left = times
    while left > 0 {
      finish()
      append(.loop(min(left, rounds), body, from: levels))
      left -= rounds
    }
  }

  private func fits(_ action: Action) -> Bool {
    readings + action.readings <= engine.script.readings && lines + action.lines <= Self.mostLines
  }

  private mutating func append(_ action: Action) {
    inside.append(action)
    readings += action.readings
    lines += action.lines
  }

  /// Ends the current script.
  mutating func finish() {
    guard !inside.isEmpty else { return }
    // Without a wait or a loop it is one batch for the host.
    if inside.contains(where: \.isTimed) {
      parts.append(.script(inside, engine))
    } else {
      for action in inside { parts.append(host: action) }
    }
    (inside, readings, lines) = ([], 0, 0)
  }
}

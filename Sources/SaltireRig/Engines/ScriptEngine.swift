import SaltireCore
import SaltireInstruments
import SaltirePrograms

/// Performs actions inside an instrument that runs scripts; what is not for
/// it alone is left to the host.
struct ScriptEngine: Sendable {
  let instrument: Instrument
  let script: Engines.Script
  /// The commands that bring all its levels to 0 V.
  let safe: [Line]

  /// The actions in order. Loops of more rounds than a script has room for
  /// are cut between rounds.
  func parts(of actions: [Action]) -> [ProgramEngine.Part] {
    var cutter = Cutter(engine: self)
    for action in actions { cutter.add(action) }
    cutter.finish()
    return cutter.parts
  }

  /// Runs actions as one script.
  ///
  /// - Returns: what it measured, amperes into the instrument.
  /// - Throws: `BenchError`; `limit` where a reading is at its limit.
  func perform(_ actions: [Action]) async throws(BenchError) -> [Double] {
    let text = Script(actions, safe: safe, statement: script.statement)
    _ = try await instrument.run([.command(text.text)], taking: text.seconds * 1.1 + 1)
    if text.checks == 0 { return [] }
    let answers = try await instrument.run(Script.questions)
    let most = actions.reduce(0) { $0 + $1.readings }
    let numbers = answers.map { Double($0) ?? .nan }
    guard let count = numbers.element(at: 0).flatMap({ Int(count: $0, upTo: most) }),
      let stop = numbers.element(at: 1).flatMap({ Int(count: $0, upTo: text.checks) })
    else {
      throw .unexpected(
        answers.joined(separator: ", "), to: "what a script leaves", from: instrument)
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

/// Cuts actions into what a script has room for and what the host does.
private struct Cutter {
  let engine: ScriptEngine
  private(set) var parts: [ProgramEngine.Part] = []
  private var inside: [Action] = []
  private var readings = 0
  private var lines = 0

  /// Lines that one script has at most.
  private static let mostLines = 2000

  init(engine: ScriptEngine) { self.engine = engine }

  mutating func add(_ action: Action) {
    guard action.belongs(to: engine.instrument) else {
      finish()
      parts.append(host: action)
      return
    }
    // Only loops begin where no pulse is under way: a script that ended elsewhere
    // would leave a level standing until the next one comes.
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

  /// Ends the script that is being filled.
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

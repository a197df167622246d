import SaltireInstruments

extension TSPInstrument {
  /// The functions for the prelude; scripts cannot access them.
  func functions() -> [String: LuaState.Function] {
    names.merging(settings) { $1 }.merging(answers) { $1 }
  }

  /// Functions that list names.
  private var names: [String: LuaState.Function] {
    let channels = definition.role == .switch ? [] : model.channels.map(LuaState.Value.text)
    let paths = definition.tree.map { LuaState.Value.text($0.notation) }
    let constants = definition.constants.keys.sorted().map { LuaState.Value.text($0) }
    let lines = Double(definition.engines.triggerOutput?.lines ?? 0)
    return [
      "channels": { _ in channels },
      "paths": { _ in paths },
      "constants": { _ in constants },
      "lines": { _ in [.number(lines)] },
      "model": { [model] in
        guard case .text(let name)? = $0.first, let number = model.numbers[name] else {
          return [.none]
        }
        return [.number(number)]
      },
      "settable": { [unowned self] in
        guard case .text(let path)? = $0.first, case .setting? = nodes[path]?.role else {
          return [.flag(false)]
        }
        return [.flag(true)]
      },
      "name": { [unowned self] _ in [.text(keptName)] },
    ]
  }

  /// Functions that act on the state machine and on lab time.
  private var settings: [String: LuaState.Function] {
    [
      "get": { [unowned self] in get($0) },
      "set": { [unowned self] in
        circuit.advance(statementTime)
        return [set($0)]
      },
      "measure": { [unowned self] in
        circuit.advance(statementTime)
        return measure($0)
      },
      "wait": { [unowned self] in
        guard case .number(let seconds)? = $0.first else { return [] }
        circuit.advance(min(seconds, Self.longestDelay))
        if circuit.isOverrun { report(.systemError) }
        return []
      },
      "time": { [unowned self] _ in [.number(circuit.time)] },
      "pending": { [unowned self] in
        isPending = $0.first == .flag(true)
        return []
      },
      "act": { [unowned self] in
        act($0)
        return []
      },
    ]
  }

  /// Functions for output and the error queue.
  private var answers: [String: LuaState.Function] {
    [
      "write": { [unowned self] in
        if case .text(let text)? = $0.first { say(Array(text.utf8)) }
        return []
      },
      "number": { [unowned self] in
        guard case .number(let number)? = $0.first else { return [.none] }
        return [.text(text(number))]
      },
      "buffer": { [unowned self] in
        say(bytes($0.map { if case .number(let number) = $0 { number } else { .nan } }))
        return []
      },
      "report": { [unowned self] in
        if case .number(let code)? = $0.first, case .text(let text)? = $0.last {
          report(Int(exactly: code) ?? 0, text)
        }
        return []
      },
      "count": { [unowned self] _ in [.number(Double(status.errors.count))] },
      "clear": { [unowned self] _ in
        status.clear()
        return []
      },
      "take": { [unowned self] _ in
        let error = status.nextError()
        if error == .none { return [.number(0), .text("Queue Is Empty"), .number(0), .number(0)] }
        return [.number(Double(error.code)), .text(error.text), .number(20), .number(1)]
      },
    ]
  }
}

import SaltireInstruments
import SaltireLinks
import SaltirePrograms

/// The engine that times the programs of a bench.
enum ProgramEngine: Sendable {
  case host
  case script(ScriptEngine)
  case list(ListEngine)

  /// The best engine that the instruments of a station support.
  init(_ station: Station, _ outputs: [Terminal: LiveBench.Output]) {
    let names = station.timing.map(\.name)
    let own = outputs.values.filter { $0.isSourceMeter && names.contains($0.instrument.name) }
      .sorted { $0.channel.name < $1.channel.name }
    if station.scripted != nil, let first = own.first,
      let script = first.definition.engines.script
    {
      self = .script(
        ScriptEngine(instrument: first.instrument, script: script, outputs: own))
    } else if own.isEmpty {
      self = .host
    } else {
      self = .list(ListEngine(outputs: own))
    }
  }

  /// A part of a program, and the instrument or host that times it.
  enum Part {
    case host([Action])
    case script([Action], ScriptEngine)
    case sweep(Sweep)
  }

  /// The parts of a program, in order.
  func parts(of actions: [Action]) -> [Part] {
    switch self {
    case .host: [.host(actions)]
    case .script(let engine): engine.parts(of: actions)
    case .list(let engine): engine.parts(of: actions)
    }
  }

  var script: ScriptEngine? { if case .script(let engine) = self { engine } else { nil } }
}

extension [ProgramEngine.Part] {
  /// Appends an action of the host to the preceding part if that is one of the host too.
  mutating func append(host action: Action) {
    if case .host(let before)? = last {
      self[count - 1] = .host(before + [action])
    } else {
      append(.host([action]))
    }
  }
}

import SaltireCore

extension Engines {
  /// The keys of the `engines` section.
  enum Keys {
    static let engines = SectionKey(
      "engines", absent: "none", "What it times by itself.",
      [
        Script.Keys.script, List.Keys.list, TriggerOutput.Keys.output, TriggerInput.Keys.input,
        Burst.Keys.burst, Waveform.Keys.waveform,
      ])
    static let missing = Key.texts(
      "missing", form: "list of models", absent: "none", "Models of the family without it.")
  }
}

extension Engines.Script {
  enum Keys {
    static let script = SectionKey(
      "script", absent: "none", "Scripts that run inside it.",
      [readings, statement, shortest, nodes])
    static let readings = Key.count(
      "readings", in: 1...Int.max, "Readings that one script may keep.")
    static let statement = Key.quantity(
      "statement", .second, in: 0...1, "Time that a statement takes, about.")
    static let shortest = Key.quantity(
      "shortest", .second, in: 0...1,
      "Shortest time between two statements that pulses are made of.")
    static let nodes = SectionKey(
      "nodes", absent: "none", "Instruments on its link, as channels of its own.",
      [channel, model, requires, Engines.Keys.missing])
    static let channel = Key.texts(
      "channel", form: "template with `{node}`", "A channel of theirs.")
    static let model = Key.texts(
      "model", form: "template with `{node}`", "The question for their model.")
    static let requires = SectionKey.list(
      "requires", "What must be so for the link to work.",
      [
        Definition.Requirement.Keys.question, Definition.Requirement.Keys.expected,
        Definition.Requirement.Keys.advice,
      ])
  }
}

extension Engines.List {
  enum Keys {
    static let list = SectionKey(
      "list", absent: "none", "Sweeps over a list of levels, with a reading at each.",
      [readings, levels, lead, begin, fire, run, end])
    static let readings = Key.count("readings", in: 1...Int.max, "Readings of a sweep, at most.")
    static let levels = Key.count("levels", in: 1...Int.max, "Levels of a list, at most.")
    static let lead = Key.quantity(
      "lead", .second, in: 0...1, "Time from a trigger of its own to the first level.")
    static let begin = Key.texts(
      "begin", form: "templates with `{levels}`, `{count}`, `{cycles}`, `{delay}`",
      "Sets up a sweep.")
    static let fire = Key.texts(
      "fire", form: "templates", "Makes every cycle begin with a trigger on its line.")
    static let run = Key.texts("run", form: "template", "Sweeps, and answers with all readings.")
    static let end = Key.texts(
      "end", form: "templates with `{level}`", "Goes back to the fixed level, as arming left it.")
  }
}

extension Engines.TriggerOutput {
  enum Keys {
    static let output = SectionKey(
      "trigger_out", absent: "none", "Lines over which it triggers others.",
      [lines, arm, fire, edge, Engines.Keys.missing])
    static let lines = Key.count("lines", in: 1...100, "How many, numbered from 1.")
    static let arm = SectionKey.list(
      "arm", "Sets up `{line}`, as `arm` at the top.", Definition.Setting.Keys.all)
    static let fire = Key.texts(
      "fire", form: "template with `{line}`", absent: "only its own sweeps do",
      "Triggers over the line.")
    static let edge = Key<Engines.Edge>.choice("edge", "The edge that others listen to.")
  }
}

extension Engines.TriggerInput {
  enum Keys {
    static let input = SectionKey(
      "trigger_in", absent: "none", "Its input for triggers of others.",
      Engines.Edge.allCases.map(listen) + [ignore])
    static func listen(_ edge: Engines.Edge) -> Key<[Located<String>]> {
      .texts(
        edge.rawValue, form: "templates with `{lead}`",
        "From now on the channel starts so long after a \(edge.rawValue) edge.")
    }
    static let ignore = Key.texts("ignore", form: "templates", "From now on it listens to none.")
  }
}

extension Engines.Burst {
  enum Keys {
    static let burst = SectionKey(
      "burst", absent: "none", "Counted pulses from one trigger.", [count, most])
    static let count = Key.texts(
      "count", form: "templates with `{count}`", "From now on a trigger makes so many pulses.")
    static let most = Key.count("most", in: 1...Int.max, "The most that it counts to.")
  }
}

extension Engines.Waveform {
  enum Keys {
    static let waveform = SectionKey(
      "waveform", absent: "none", "Waveforms point by point.",
      [fewest, most, idle, pulse, load, unload])
    static let fewest = Key.count("fewest", in: 1...Int.max, "Points of a waveform, at least.")
    static let most = Key.count("most", in: 1...Int.max, "Points of a waveform, at most.")
    static let idle = Key.text("idle", "What a point at the idle level is sent as.")
    static let pulse = Key.text("pulse", "What a point at the pulse's level is sent as.")
    static let load = Key.texts(
      "load", form: "templates with `{points}`, `{rate}`",
      "Loads the points, and makes a trigger play them once.")
    static let unload = Key.texts(
      "unload", form: "templates", "From now on a trigger makes pulses again.")
  }
}

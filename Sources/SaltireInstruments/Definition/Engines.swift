import SaltireCore

/// What an instrument times by itself, so that pulses and readings need not
/// wait for the host: the section `engines` of a definition.
public struct Engines: Sendable {
  /// Scripts that run inside it (TSP).
  public struct Script: Sendable {
    /// Readings that one script may keep.
    public var readings: Int
    /// Seconds that a statement takes, about.
    public var statement: Double
    /// The shortest time between two statements that pulses are made of,
    /// seconds.
    public var shortest: Double
    /// Instruments that are linked to it, and which its scripts reach.
    public var nodes: Nodes?
  }

  /// Instruments on the link of another, as channels of that one (TSP-Link).
  public struct Nodes: Sendable {
    /// A channel of theirs: `{node}` and `{ch}`.
    public var channel: Template
    /// Asks for the model of `{node}`.
    public var model: Template
    /// What must be so for the link to work.
    public var requirements: [Definition.Requirement]
    /// Models of the family that have no link.
    public var missing: [String]
  }

  /// Lines over which it triggers others.
  public struct TriggerOutput: Sendable {
    /// How many, numbered from 1.
    public var lines: Int
    /// Sets up `{line}`.
    public var arm: [Definition.Setting]
    /// Triggers over `{line}`; nil where only its own sweeps do.
    public var fire: Template?
    /// Which edge others are to listen to.
    public var edge: Edge
    /// Models of the family that have no such lines.
    public var missing: [String]
  }

  public enum Edge: String, Sendable, CaseIterable {
    case rising, falling
  }

  /// Its input for triggers of others.
  public struct TriggerInput: Sendable {
    /// From now on channel `{ch}` starts `{lead}` seconds after an edge, or
    /// listens to none.
    public var listen: [Edge: [Template]]
    public var ignore: [Template]
  }

  /// Sweeps over a list of levels, with a reading at each.
  public struct List: Sendable {
    /// Readings of one sweep, and levels of a list, at most.
    public var readings: Int
    public var levels: Int
    /// Seconds from a trigger of its own to the first level.
    public var lead: Double
    /// Sets up a sweep over `{levels}`, `{count}` of them, `{cycles}` times,
    /// with `{delay}` seconds at each before it is measured; with `fire` every
    /// cycle begins with a trigger on its line.
    public var begin: [Template]
    public var fire: [Template]
    /// Sweeps, and answers with all readings.
    public var run: Template
    /// Back to the fixed `{level}`, as arming left it.
    public var end: [Template]
  }

  /// Counted pulses from one trigger.
  public struct Burst: Sendable {
    /// From now on a trigger makes `{count}` pulses.
    public var count: [Template]
    /// The most that it counts to.
    public var most: Int
  }

  /// Waveforms point by point.
  public struct Waveform: Sendable {
    /// Points that a waveform has at least and at most.
    public var points: ClosedRange<Int>
    /// What a point at the idle level and one at the pulse's level is sent as.
    public var idle: String
    public var pulse: String
    /// Loads the `{points}`, to be played at `{rate}` points a second, and
    /// makes a trigger play it once.
    public var load: [Template]
    /// From now on a trigger makes pulses again.
    public var unload: [Template]
  }

  public var script: Script?
  public var list: List?
  public var triggerOutput: TriggerOutput?
  public var triggerInput: TriggerInput?
  public var burst: Burst?
  public var waveform: Waveform?

  init(_ reader: Reader) {
    script = reader.optional(Script.Keys.script).map(Script.init)
    triggerOutput = reader.optional(TriggerOutput.Keys.output).map(TriggerOutput.init)
    list = reader.optional(List.Keys.list).map(List.init)
    triggerInput = reader.optional(TriggerInput.Keys.input).map { input in
      TriggerInput(
        listen: Dictionary(
          uniqueKeysWithValues: Edge.allCases.map {
            ($0, input.templates(TriggerInput.Keys.listen($0), allowing: ["lead"]))
          }),
        ignore: input.templates(TriggerInput.Keys.ignore, allowing: []))
    }
    burst = reader.optional(Burst.Keys.burst).map {
      Burst(
        count: $0.templates(Burst.Keys.count, allowing: ["count"]), most: $0[Burst.Keys.most].value)
    }
    waveform = reader.optional(Waveform.Keys.waveform).map(Waveform.init)
  }
}

extension Engines.Script {
  fileprivate init(_ reader: Reader) {
    readings = reader[Keys.readings].value
    statement = reader[Keys.statement].value
    shortest = reader[Keys.shortest].value
    guard let section = reader.optional(Keys.nodes) else { return }
    nodes = Engines.Nodes(
      channel: section.template(Keys.channel, allowing: ["node"]),
      model: section.template(Keys.model, allowing: ["node"]),
      requirements: section.list(Keys.requires).map(Definition.Requirement.init),
      missing: section[Engines.Keys.missing].value.map(\.value))
  }
}

extension Engines.TriggerOutput {
  fileprivate init(_ reader: Reader) {
    lines = reader[Keys.lines].value
    arm = reader.list(Keys.arm).map { Definition.Setting($0, allowing: ["line"], asking: ["line"]) }
    fire = reader.has(Keys.fire) ? reader.template(Keys.fire, allowing: ["line"]) : nil
    edge = reader[Keys.edge].value
    missing = reader[Engines.Keys.missing].value.map(\.value)
  }
}

extension Engines.List {
  fileprivate init(_ reader: Reader) {
    readings = reader[Keys.readings].value
    levels = reader[Keys.levels].value
    lead = reader[Keys.lead].value
    begin = reader.templates(Keys.begin, allowing: ["levels", "count", "cycles", "delay"])
    fire = reader.templates(Keys.fire, allowing: [])
    run = reader.template(Keys.run, allowing: [])
    end = reader.templates(Keys.end, allowing: ["level"])
  }
}

extension Engines.Waveform {
  fileprivate init(_ reader: Reader) {
    let fewest = reader[Keys.fewest].value
    let most = reader[Keys.most]
    if most.value < fewest {
      reader.report(Diagnostic("at most fewer points than at least", at: most.location))
    }
    points = fewest...max(most.value, fewest)
    idle = reader[Keys.idle].value
    pulse = reader[Keys.pulse].value
    load = reader.templates(Keys.load, allowing: ["points", "rate"])
    unload = reader.templates(Keys.unload, allowing: [])
  }
}

import SaltireCore

/// What an instrument can time by itself, so that pulses and readings need not wait for the host:
/// the section `engines` of a definition.
public struct Engines: Sendable {
  /// Scripts that run inside it (TSP).
  public struct Script: Sendable {
    /// Maximum number of readings in one script.
    public var readings: Int
    /// Approximate duration of a statement, in seconds.
    public var statement: Double
    /// The shortest time between two statements that make a pulse, in seconds.
    public var shortest: Double
    /// Linked instruments that its scripts can control.
    public var nodes: Nodes?
  }

  /// Instruments on the link of another, as channels of that one (TSP-Link).
  public struct Nodes: Sendable {
    /// The name of a channel: `{node}` and `{ch}`.
    public var channel: Template
    /// Queries the model of `{node}`.
    public var model: Template
    /// Conditions for the link to work.
    public var requirements: [Definition.Requirement]
    /// Models of the family without a link.
    public var missing: [String]
  }

  /// Trigger output lines.
  public struct TriggerOutput: Sendable {
    /// The number of lines, which are numbered from 1.
    public var lines: Int
    /// Configures `{line}`.
    public var arm: [Definition.Setting]
    /// Triggers over `{line}`; nil if only its own sweeps can.
    public var fire: Template?
    /// The edge that others must listen to.
    public var edge: Edge
    /// Models of the family without such lines.
    public var missing: [String]
  }

  public enum Edge: String, Sendable, CaseIterable {
    case rising, falling
  }

  /// Trigger input.
  public struct TriggerInput: Sendable {
    /// Makes channel `{ch}` start `{lead}` seconds after an edge, or ignore edges.
    public var listen: [Edge: [Template]]
    public var ignore: [Template]
  }

  /// Sweeps over a list of levels, with a reading at each.
  public struct List: Sendable {
    /// Maximum number of readings of a sweep, and of levels of a list.
    public var readings: Int
    public var levels: Int
    /// Seconds from its own trigger output to the first level.
    public var lead: Double
    /// Configures a sweep over `{levels}`, `{count}` of them, `{cycles}` times, with `{delay}`
    /// seconds at each before the measurement; with `fire`, every cycle starts with a trigger
    /// output.
    public var begin: [Template]
    public var fire: [Template]
    /// Runs the sweep; the reply contains all readings.
    public var run: Template
    /// Returns to the fixed `{level}`, as after arming.
    public var end: [Template]
  }

  /// Counted pulses from one trigger.
  public struct Burst: Sendable {
    /// Makes a trigger start `{count}` pulses.
    public var count: [Template]
    /// The maximum count.
    public var most: Int
  }

  /// Waveforms point by point.
  public struct Waveform: Sendable {
    /// The minimum and maximum number of points.
    public var points: ClosedRange<Int>
    /// The texts of a point at the idle level and of one at the pulse level.
    public var idle: String
    public var pulse: String
    /// Loads the `{points}`, to be output at `{rate}` points per second, and selects the waveform
    /// as the trigger action.
    public var load: [Template]
    /// Selects pulses as the trigger action again.
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
      reader.report(
        Diagnostic("the highest number of points is below the lowest", at: most.location))
    }
    points = fewest...max(most.value, fewest)
    idle = reader[Keys.idle].value
    pulse = reader[Keys.pulse].value
    load = reader.templates(Keys.load, allowing: ["points", "rate"])
    unload = reader.templates(Keys.unload, allowing: [])
  }
}

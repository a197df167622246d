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
    func section(_ key: String) -> Reader? { reader.has(key) ? reader.section(key) : nil }
    script = section("script").map(Script.init)
    triggerOutput = section("trigger_out").map(TriggerOutput.init)
    list = section("list").map(List.init)
    triggerInput = section("trigger_in").map { input in
      TriggerInput(
        listen: Dictionary(
          uniqueKeysWithValues: Edge.allCases.map {
            ($0, input.templates($0.rawValue, allowing: ["lead"]))
          }),
        ignore: input.templates("ignore", allowing: []))
    }
    burst = section("burst").map {
      Burst(
        count: $0.templates("count", allowing: ["count"]),
        most: $0.count("most", in: 1...Int.max).value)
    }
    waveform = section("waveform").map(Waveform.init)
  }
}

extension Engines.Script {
  fileprivate init(_ reader: Reader) {
    readings = reader.count("readings", in: 1...Int.max).value
    statement = reader.quantity("statement", .second, in: 0...1).value
    shortest = reader.quantity("shortest", .second, in: 0...1).value
    guard reader.has("nodes") else { return }
    let section = reader.section("nodes")
    nodes = Engines.Nodes(
      channel: section.template("channel", allowing: ["node"]),
      model: section.template("model", allowing: ["node"]),
      requirements: section.list("requires").map(Definition.Requirement.init),
      missing: section.texts("missing", default: []).value.map(\.value))
  }
}

extension Engines.TriggerOutput {
  fileprivate init(_ reader: Reader) {
    lines = reader.count("lines", in: 1...100).value
    arm = reader.list("arm").map { Definition.Setting($0, allowing: ["line"], asking: ["line"]) }
    fire = reader.has("fire") ? reader.template("fire", allowing: ["line"]) : nil
    edge = reader.choice("edge").value
    missing = reader.texts("missing", default: []).value.map(\.value)
  }
}

extension Engines.List {
  fileprivate init(_ reader: Reader) {
    readings = reader.count("readings", in: 1...Int.max).value
    levels = reader.count("levels", in: 1...Int.max).value
    lead = reader.quantity("lead", .second, in: 0...1).value
    begin = reader.templates("begin", allowing: ["levels", "count", "cycles", "delay"])
    fire = reader.templates("fire", allowing: [])
    run = reader.template("run", allowing: [])
    end = reader.templates("end", allowing: ["level"])
  }
}

extension Engines.Waveform {
  fileprivate init(_ reader: Reader) {
    let fewest = reader.count("fewest", in: 1...Int.max).value
    let most = reader.count("most", in: 1...Int.max)
    if most.value < fewest {
      reader.report(
        Diagnostic("the highest number of points is below the lowest", at: most.location))
    }
    points = fewest...max(most.value, fewest)
    idle = reader.text("idle").value
    pulse = reader.text("pulse").value
    load = reader.templates("load", allowing: ["points", "rate"])
    unload = reader.templates("unload", allowing: [])
  }
}

import SaltireCore
import SaltireInstruments
import SaltireLearning
import SaltirePrograms

extension Lowering {
  /// Lowers a pulse train: to counted bursts if the generators can, to waveforms if several lines
  /// fire at random, otherwise slot by slot.
  mutating func lower(_ train: PulseTrain) throws(BenchError) {
    for line in train.lines { _ = try output(line.terminal) }
    try establish([:])
    if try lowerBurst(train) { return }
    if try lowerWaveforms(train) { return }
    let pulses = Self.pulses(train)
    for line in train.lines where bench.wiring.isGate(line.terminal) {
      try shape(line.terminal, pulses(line))
    }
    for slot in 0..<train.slots {
      let firing = train.lines.filter { $0.fires.map { $0[slot] } ?? true }
      if firing.isEmpty {
        wait(train.width + train.gap)
        continue
      }
      // The row first, with its drains: the full voltage is present only while both are on.
      let levels = levels(of: firing)
      try establish(levels)
      var gates = levels
      var triggered: [Terminal] = []
      for line in firing where bench.wiring.isGate(line.terminal) {
        if try output(line.terminal).isSourceMeter {
          gates[line.terminal] = line.level
        } else {
          triggered.append(line.terminal)
        }
      }
      try trigger(triggered, isSame: train.lines.allSatisfy { $0.fires == nil })
      try establish(gates)
      wait(train.width)
      try establish(levels)
      try establish([:])
      wait(train.gap)
    }
  }

  private static func pulses(_ train: PulseTrain) -> (PulseTrain.Line) -> Pulses {
    { Pulses(level: $0.level, width: train.width, period: LiveBench.period(train.width)) }
  }

  /// The levels of firing rows and their drains.
  private func levels(of lines: [PulseTrain.Line]) -> [Terminal: Double] {
    var levels: [Terminal: Double] = [:]
    for line in lines where !bench.wiring.isGate(line.terminal) {
      for terminal in bench.wiring.following(line.terminal) { levels[terminal] = line.level }
    }
    return levels
  }

  // MARK: Bursts

  /// Lowers pulses in every slot, on generators alone, to a counted burst.
  private mutating func lowerBurst(_ train: PulseTrain) throws(BenchError) -> Bool {
    let period = train.width + train.gap
    guard bench.countsPulses, train.slots > 1, period >= LiveBench.period(train.width) else {
      return false
    }
    for line in train.lines {
      guard line.fires == nil, let output = bench.outputs[line.terminal], !output.isSourceMeter,
        let burst = output.definition.engines.burst, train.slots <= burst.most
      else { return false }
    }
    for line in train.lines {
      try shape(
        line.terminal,
        Pulses(level: line.level, width: train.width, period: period, count: train.slots))
    }
    try trigger(train.lines.map(\.terminal), isSame: true)
    wait(train.duration)
    return true
  }

  // MARK: Waveforms

  /// Lowers random trains on gates and rows: the trains of the gates become waveforms, started by
  /// one trigger, and the script that times the rows follows the same slots.
  private mutating func lowerWaveforms(_ train: PulseTrain) throws(BenchError) -> Bool {
    let gates = train.lines.filter { bench.wiring.isGate($0.terminal) }
    let rows = train.lines.filter { !bench.wiring.isGate($0.terminal) }
    guard train.slots > 1, !gates.isEmpty, let script = bench.engine.script?.script,
      let line = bench.triggerLine(to: gates.map(\.terminal)), line.fire != nil,
      let grid = WaveformGrid(train, statement: script.statement)
    else { return false }
    // A gate that never fires needs no waveform, and a waveform without pulses is invalid.
    let active = gates.filter { ($0.fires?.pulses ?? train.slots) > 0 }
    for line in active {
      guard let output = bench.outputs[line.terminal],
        let waveform = output.definition.engines.waveform,
        waveform.points.contains(grid.points)
      else { return false }
    }
    for line in active {
      let output = try output(line.terminal)
      // The waveform uses the levels of the pulse and idles at its idle level.
      try shape(line.terminal, Self.pulses(train)(line))
      add(.waveform(grid.samples(line, slots: train.slots), step: grid.step), on: output)
      settings.waveforms.insert(line.terminal)
    }
    try hold(
      pulsing: Dictionary(active.map { ($0.terminal, $0.level) }, uniquingKeysWith: { $1 }))
    defer { pulsing = [:] }
    try listen(active.map(\.terminal), to: line)
    actions.append(.mark)
    if !active.isEmpty {
      let generators = active.compactMap { bench.outputs[$0.terminal] }
      actions.append(.fire(Firing(generators: generators, line: line)))
    }
    var now = 0.0
    func pass(until time: Double, _ lowering: inout Lowering) {
      lowering.settings.elapse(time - now)
      lowering.actions.append(.until(time, in: time - now))
      now = time
    }
    for slot in 0..<train.slots {
      let levels = levels(of: rows.filter { $0.fires.map { $0[slot] } ?? true })
      if levels.isEmpty { continue }
      let start = Double(slot) * (train.width + train.gap)
      pass(until: start, &self)
      try establish(levels)
      pass(until: start + 2 * grid.guardTime + train.width, &self)
      try establish([:])
    }
    pass(until: train.duration, &self)
    return true
  }

  // MARK: Generators

  /// Starts one pulse of each generator that outlasts a read, for it to hold a level meanwhile.
  mutating func begin(
    holding levels: [Terminal: Double], for reading: Reading
  ) throws(BenchError) {
    if levels.isEmpty { return }
    let width =
      Double(reading.measures.count) * (reading.integration + LiveBench.longestMeasurement)
    for (terminal, level) in levels {
      try shape(
        terminal, Pulses(level: level, width: width, period: LiveBench.period(width)))
    }
    try trigger(levels.keys.sorted { $0.name < $1.name }, isSame: false)
  }

  /// Configures the pulses of the next triggers of a generator.
  private mutating func shape(_ terminal: Terminal, _ pulses: Pulses) throws(BenchError) {
    let output = try output(terminal)
    if let shortest = bench.shortestPulses[terminal], !shortest.limit.allows(pulses.width) {
      throw .impossible(
        "pulses of \(Quantity(pulses.width, .second)): \(shortest.rule(for: terminal))")
    }
    if output.isSourceMeter { return }
    // The other level moves to the opposite side while the levels are exchanged.
    let least = output.instrument.model.numbers["least"] ?? 0.05
    for level in [pulses.level, pulses.level > 0 ? -least : least] {
      try hold(output, at: LiveBench.sent(level))
    }
    if settings.waveforms.remove(terminal) != nil { add(.pulses, on: output) }
    let before = settings.pulses[terminal]
    if before?.width != pulses.width || before?.period != pulses.period {
      add(.timing(width: pulses.width, period: pulses.period), on: output)
    }
    if before?.level != pulses.level {
      add(.pulse(level: pulses.level, least: least), on: output)
    }
    if before?.count ?? 1 != pulses.count { add(.count(pulses.count), on: output) }
    settings.pulses[terminal] = pulses
  }

  /// Triggers generators: over their trigger line if all fire in every slot, otherwise each by a
  /// command.
  private mutating func trigger(_ terminals: [Terminal], isSame: Bool) throws(BenchError) {
    for terminal in terminals { if let busy = settings.busy[terminal] { wait(busy) } }
    try hold(
      pulsing: Dictionary(
        terminals.map { ($0, settings.pulses[$0]?.level ?? 0) }, uniquingKeysWith: { $1 }))
    defer { pulsing = [:] }
    let generators = try terminals.map(output)
    let line = isSame && !terminals.isEmpty ? bench.triggerLine(to: terminals) : nil
    // If only a sweep can fire the line, they listen during the sweep.
    if let line, line.fire != nil { try listen(terminals, to: line) }
    if !terminals.isEmpty { actions.append(.fire(Firing(generators: generators, line: line))) }
    for terminal in terminals {
      guard let pulses = settings.pulses[terminal] else { continue }
      // With a margin: a trigger at the very end of a period may come too early.
      settings.busy[terminal] =
        (Double(pulses.count - 1) * pulses.period + LiveBench.period(pulses.width)) * (1 + 1e-6)
    }
  }

  /// Makes exactly these generators listen to a trigger line.
  mutating func listen(
    _ terminals: [Terminal], to line: TriggerLine? = nil
  ) throws(BenchError) {
    let wanted = Set(terminals)
    for terminal in bench.wiring.terminals
    where wanted.contains(terminal) != settings.listening.contains(terminal) {
      let output = try output(terminal)
      guard let line = line ?? bench.triggerLine(to: [terminal]) else { continue }
      add(wanted.contains(terminal) ? line.listen : .ignore, on: output)
    }
    settings.listening = wanted
  }
}

/// The time grid of a train's waveforms: every slot is a guard, the pulse, a guard and rest, so
/// that the row changes before and after the gate.
struct WaveformGrid {
  /// Time between points, in seconds.
  let step: Double
  let guardTime: Double
  /// The number of points of a whole waveform.
  let points: Int
  private let perSlot: Int
  private let before: Int
  private let during: Int

  /// Candidate times between points in seconds, the longest first.
  private static let steps = [1e-3, 5e-4, 2e-4, 1e-4, 5e-5, 2e-5, 1e-5]
  static var finest: Double { steps[steps.count - 1] }
  /// Upper bound of the number of statements that set a row and its drains.
  private static let statements = 10.0
  /// The maximum number of slots in a script.
  private static let mostSlots = 200

  /// Nil if no step divides the times of the train, or if the gaps are too short for the guards.
  init?(_ train: PulseTrain, statement: Double) {
    func isWhole(_ value: Double) -> Bool { abs(value - value.rounded()) < 1e-6 }
    guard train.slots <= Self.mostSlots,
      let step = Self.steps.first(where: { isWhole(train.width / $0) && isWhole(train.gap / $0) })
    else { return nil }
    self.step = step
    before = max(1, Int((Self.statements * statement / step).rounded(.up)))
    guardTime = Double(before) * step
    during = Int((train.width / step).rounded())
    perSlot = during + Int((train.gap / step).rounded())
    // The rows must be at rest before the next slot begins.
    guard perSlot >= during + 3 * before else { return nil }
    points = train.slots * perSlot + 1
  }

  /// Whether each point is at the level of the pulse; the first and the last are idle.
  func samples(_ line: PulseTrain.Line, slots: Int) -> [Bool] {
    var samples = [Bool](repeating: false, count: points)
    for slot in 0..<slots where line.fires.map({ $0[slot] }) ?? true {
      let start = slot * perSlot + before
      for index in start..<(start + during) { samples[index] = true }
    }
    return samples
  }
}

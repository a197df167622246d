import SaltireCore
import SaltireInstruments
import SaltireLearning
import SaltirePrograms

/// Lowers a program to actions that change the settings of the instruments as each step requires.
struct Lowering {
  let bench: LiveBench
  var settings: LiveSettings
  var actions: [Action] = []
  /// Gates that generators are pulsing at the moment, in volts.
  var pulsing: [Terminal: Double] = [:]

  init(bench: LiveBench, settings: LiveSettings) {
    self.bench = bench
    self.settings = settings
  }

  /// The actions of a whole program, which ends with all levels at 0 V.
  ///
  /// - Returns: the actions and the settings that they leave.
  /// - Throws: `BenchError` if any part of the program is impossible.
  static func actions(
    of program: Program, from settings: LiveSettings, on bench: LiveBench
  ) throws(BenchError) -> ([Action], LiveSettings) {
    var lowering = Lowering(bench: bench, settings: settings)
    try lowering.lower(program.steps)
    try lowering.establish([:])
    // Later edges on a trigger line do not belong to this program.
    try lowering.listen([])
    if let last = lowering.settings.busy.values.max() { lowering.wait(last) }
    return (lowering.actions, lowering.settings)
  }

  private mutating func lower(_ steps: [Step]) throws(BenchError) {
    for step in steps {
      switch step {
      case .train(let train): try lower(train)
      case .read(let reading): try lower(reading)
      case .rest(let seconds):
        try establish([:])
        wait(seconds)
      case .repeat(let times, let body): try lower(times, body)
      }
    }
  }

  /// Lowers a repeat to a loop as soon as a round ends with the settings that it began with;
  /// earlier rounds are written out.
  private mutating func lower(_ times: Int, _ body: [Step]) throws(BenchError) {
    guard times >= 0 else { throw .impossible("a repeat of \(times) times") }
    var left = times
    while left > 0 {
      var round = Lowering(bench: bench, settings: settings)
      try round.lower(body)
      // The host loads waveforms, and a new script starts after that.
      let isSteady = round.settings == settings && !round.actions.contains(where: \.isMark)
      settings = round.settings
      if isSteady, left > 1 {
        actions.append(.loop(left, round.actions, from: settings.levels))
        return
      }
      actions += round.actions
      left -= 1
    }
  }

  // MARK: Steps

  private mutating func lower(_ reading: Reading) throws(BenchError) {
    var levels: [Terminal: Double] = [:]
    var held: [Terminal: Double] = [:]
    for drive in reading.drives {
      if try output(drive.terminal).isSourceMeter {
        levels[drive.terminal] = drive.level
      } else if drive.level != 0 {
        held[drive.terminal] = drive.level
      }
    }
    for terminal in reading.measures {
      let output = try output(terminal)
      guard output.isSourceMeter else {
        throw .impossible("\(terminal) is wired to a pulse generator, which cannot measure current")
      }
      let cycles = reading.integration * bench.mains
      if settings.cycles[terminal] != cycles {
        settings.cycles[terminal] = cycles
        add(.integration(cycles: cycles), on: output)
      }
    }
    try establish(levels)
    try begin(holding: held, for: reading)
    for terminal in reading.measures {
      add(.measure(seconds: reading.integration), on: try output(terminal))
      settings.elapse(reading.integration)
    }
    // A drive in compliance is not at its level, so the measured current is not a valid reading.
    for drive in reading.drives where drive.level != 0 {
      if reading.measures.contains(drive.terminal) || held[drive.terminal] != nil { continue }
      add(.compliance, on: try output(drive.terminal))
    }
    if let left = held.keys.compactMap({ settings.busy[$0] }).max() { wait(left) }
  }

  // MARK: Parts of steps

  /// Brings the source meters to `levels`, and those not named to 0 V.
  mutating func establish(_ asked: [Terminal: Double]) throws(BenchError) {
    let levels = asked.mapValues(LiveBench.sent)
    let changing = bench.wiring.terminals.filter { (settings.levels[$0] ?? 0) != levels[$0] ?? 0 }
    if changing.isEmpty { return }
    try hold(on: levels)
    var operations: [Operation] = []
    for terminal in changing {
      let (output, level) = (try output(terminal), levels[terminal] ?? 0)
      guard output.isSourceMeter else {
        throw .impossible("\(terminal) is wired to a pulse generator, which can only pulse")
      }
      try output.hold(level)
      settings.levels[terminal] = level
      operations.append(Operation(.level(level), on: output))
    }
    actions.append(.operations(operations))
  }

  /// Checks every device against its limits while lines change from their present levels to
  /// `levels`, some before others, and gates pulse.
  ///
  /// The program was checked already; this checks what is actually sent.
  private func hold(on levels: [Terminal: Double]) throws(BenchError) {
    func both(_ terminal: Terminal?) -> [Double] {
      guard let terminal else { return [] }
      return [settings.levels[terminal] ?? 0, levels[terminal] ?? 0]
    }
    try BenchError.limited { () throws(LimitViolation) in
      for (index, site) in bench.wiring.sites.enumerated() {
        try bench.check.hold(
          index, gate: both(site.gate) + (pulsing[site.gate].map { [$0] } ?? []),
          others: both(site.row) + both(site.drain))
      }
    }
  }

  /// Checks every device against its limits while gates pulse and nothing else changes.
  mutating func hold(pulsing pulses: [Terminal: Double]) throws(BenchError) {
    pulsing = pulses
    try hold(on: settings.levels)
  }

  /// Checks the devices of a gate against their limits at a level, and its channel against its
  /// configured range, before any command is sent to its generator.
  mutating func hold(_ output: LiveBench.Output, at level: Double) throws(BenchError) {
    try output.hold(level)
    let before = pulsing
    defer { pulsing = before }
    pulsing[output.terminal] = level
    try hold(on: settings.levels)
  }

  func output(_ terminal: Terminal) throws(BenchError) -> LiveBench.Output {
    guard let output = bench.outputs[terminal] else { throw .unknownTerminal(terminal) }
    return output
  }

  // MARK: Actions

  mutating func add(_ operation: Operation.Kind, on output: LiveBench.Output) {
    actions.append(.operations([Operation(operation, on: output)]))
  }

  mutating func wait(_ seconds: Double) {
    guard seconds > 0 else { return }
    settings.elapse(seconds)
    actions.append(.wait(seconds))
  }
}

extension LiveBench {
  /// Shortest pulse that the host may time, in seconds; shorter pulses need an instrument that
  /// times them.
  static let shortestHostPulse = 0.01

  /// The time that the host may take for one measurement besides its integration, in seconds.
  static let longestMeasurement = 0.1

  /// The period of a generator for a pulse width. A trigger makes one pulse, so the period must
  /// only exceed the width, but triggers are ignored until it ends.
  static func period(_ width: Double) -> Double { width + max(1e-6, 1e-3 * width) }
}

extension Wiring {
  /// The terminals that follow a row: the row itself and the drains of its array.
  func following(_ row: Terminal) -> [Terminal] {
    guard let array = arrays.first(where: { $0.row == row }) else { return [row] }
    return [row] + array.sites.map(\.drain)
  }
}

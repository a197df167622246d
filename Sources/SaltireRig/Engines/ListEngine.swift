import Foundation
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltirePrograms

/// Runs suitable loops of a program as list sweeps of source meters; the host performs the rest.
struct ListEngine: Sendable {
  /// The channels that can sweep.
  let outputs: [LiveBench.Output]

  /// The parts of the program, in order.
  func parts(of actions: [Action]) -> [ProgramEngine.Part] {
    var parts: [ProgramEngine.Part] = []
    for action in actions {
      if case .loop(let times, let body, let levels) = action,
        let sweep = outputs.lazy.compactMap({ Sweep(times, body, on: $0, from: levels) }).first
      {
        parts.append(.sweep(sweep))
      } else {
        parts.append(host: action)
      }
    }
    return parts
  }
}

/// A loop as one sweep of a source meter: the same levels repeated, each for the same time, with a
/// reading at each. Readings that the program does not request fill the time.
struct Sweep: Sendable {
  let output: LiveBench.Output
  let list: Engines.List
  let cycles: Int
  /// The points of one cycle: the level in volts, and whether the program requests the reading.
  private var points: [(level: Double, isAsked: Bool)]
  /// Seconds before each reading, and of each reading.
  private var delay = 0.0
  private let integration: Double
  private let firing: Firing?

  /// Nil if the loop does anything else.
  ///
  /// - Parameter before: the levels when the loop begins.
  init?(
    _ times: Int, _ body: [Action], on output: LiveBench.Output, from before: [Terminal: Double]
  ) {
    guard let list = output.definition.engines.list else { return nil }
    var level = before[output.terminal] ?? 0
    var idle = (seconds: 0.0, level: 0.0, isFirst: true)
    var asked: [(level: Double, seconds: Double)] = []
    var firing: Firing?
    for action in body {
      switch action {
      case .wait(let seconds):
        // The idle time must be entirely before or entirely after the readings.
        if idle.seconds > 0, idle.level != level || idle.isFirst != asked.isEmpty { return nil }
        idle = (idle.seconds + seconds, level, asked.isEmpty)
      case .fire(let new):
        guard firing == nil, let line = new.line, line.fire == nil, idle.seconds == 0,
          asked.isEmpty, level == 0
        else { return nil }
        firing = new
      case .operations(let operations):
        for operation in operations {
          guard operation.output.terminal == output.terminal else { return nil }
          switch operation.kind {
          case .level(let new): level = new
          case .measure(let seconds): asked.append((level, seconds))
          default: return nil
          }
        }
      case .loop, .mark, .until: return nil
      }
    }
    guard let integration = asked.first?.seconds, asked.allSatisfy({ $0.seconds == integration }),
      firing == nil || idle.isFirst
    else { return nil }
    points = asked.map { ($0.level, true) }
    let lead = firing == nil ? 0 : list.lead
    let rest = idle.seconds + (idle.seconds > 0 ? lead : 0)
    if idle.seconds > 0 {
      // Takes as many readings as fit; the remaining time is divided among their delays.
      let count = (rest / (lead + integration) + 1e-9).rounded(.down)
      guard let passed = Int(count: count, upTo: list.levels), passed > 0 else { return nil }
      delay = max(0, rest / count - integration)
      points.insert(
        contentsOf: repeatElement((level: idle.level, isAsked: false), count: passed),
        at: idle.isFirst ? 0 : points.count)
    }
    guard points.count <= min(list.levels, list.readings), firing == nil || idle.seconds > 0 else {
      return nil
    }
    cycles = times
    self.output = output
    self.list = list
    self.integration = integration
    self.firing = firing
  }

  /// Sweeps, in several parts if the memory requires it.
  ///
  /// - Returns: the requested currents, in amperes into the instrument.
  /// - Throws: `BenchError`; `limit` if a reading is in compliance.
  func perform() async throws(BenchError) -> [Double] {
    func perform(_ operations: [Operation.Kind]) async throws(BenchError) {
      _ = try await Exchange(operations.map { Operation($0, on: output) }).perform()
    }
    let levels = points.map(\.level)
    try await tellGenerators { $0.listen }
    var currents: [Double] = []
    var left = cycles
    while left > 0 {
      let now = min(left, list.readings / levels.count)
      left -= now
      try await perform([.list(levels, cycles: now, delay: delay, fires: firing != nil)])
      let count = now * levels.count
      let answers = try await output.instrument.run(
        output.lines(.sweep), taking: seconds(of: count))
      currents += try read(answers[0], count: count)
    }
    try await perform([.endSweep(level: levels[levels.count - 1]), .compliance])
    try await tellGenerators { _ in .ignore }
    return currents
  }

  /// Makes the triggered generators listen to the trigger line, or ignore it.
  private func tellGenerators(
    _ operation: (TriggerLine) -> Operation.Kind
  ) async throws(BenchError) {
    guard let firing, let line = firing.line else { return }
    for generator in firing.generators {
      _ = try await Exchange([Operation(operation(line), on: generator)]).perform()
    }
  }

  /// The time to take this number of readings and to transfer them over a serial line.
  private func seconds(of count: Int) -> Double {
    let wire = Double(count * 14 * 10) / Double(output.definition.serial.baud)
    return 1 + 1.2 * (Double(count) * (delay + integration) + wire)
  }

  private func read(_ answer: String, count: Int) throws(BenchError) -> [Double] {
    let values = answer.split(separator: ",").map {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    guard values.count == count, values.allSatisfy({ $0 != nil }) else {
      throw .unexpected(
        String(answer.prefix(200)), to: "a sweep of \(count) readings", from: output.instrument)
    }
    // Readings in compliance differ from the limit by at most the accuracy of the instrument.
    let most = min(output.channel.current ?? .infinity, ReadBack.overflow) * 0.99
    let limit = Limit(.compliance, upTo: Located(most))
    var currents: [Double] = []
    for (index, value) in values.enumerated() {
      let current = value ?? .nan
      // In compliance the current equals the limit, whatever the device.
      guard limit.allows(current) else {
        throw .reading(
          ReadBack.isValue(current) ? .compliance : .overflow, abs(current), at: output.terminal)
      }
      if points[index % points.count].isAsked { currents.append(-current) }
    }
    return currents
  }
}

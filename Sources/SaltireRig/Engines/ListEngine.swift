import Foundation
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltirePrograms

/// Has source meters sweep over lists of levels where a loop of a program is
/// just that; the rest is left to the host.
struct ListEngine: Sendable {
  /// The channels that sweep.
  let outputs: [LiveBench.Output]

  /// The actions in order.
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

/// A loop as one sweep of a source meter: the same levels again and again,
/// each for the same time, and a reading at each. Readings between those that
/// the program asks for pass the time.
struct Sweep: Sendable {
  let output: LiveBench.Output
  let list: Engines.List
  let cycles: Int
  /// Of one cycle: volts, and whether the program asks for the reading there.
  private var points: [(level: Double, isAsked: Bool)]
  /// Seconds before each reading, and of each.
  private var delay = 0.0
  private let integration: Double
  private let firing: Firing?

  /// Nil for a loop that does anything else.
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
        // All of it before the readings, or all of it behind them.
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
      // As many readings as fit; what is left of the time is before each.
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

  /// Sweeps, in as many goes as its memory needs.
  ///
  /// - Returns: the currents that the program asks for, amperes into the
  ///   instrument.
  /// - Throws: `BenchError`; `limit` where a reading is at the limit.
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

  /// Has the generators that it fires listen to its line, or not.
  private func tellGenerators(
    _ operation: (TriggerLine) -> Operation.Kind
  ) async throws(BenchError) {
    guard let firing, let line = firing.line else { return }
    for generator in firing.generators {
      _ = try await Exchange([Operation(operation(line), on: generator)]).perform()
    }
  }

  /// How long so many readings take to be made and to come over a serial line.
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
    // A reading there is as far from the limit as the instrument's accuracy allows.
    let most = min(output.channel.current ?? .infinity, ReadBack.overflow) * 0.99
    let limit = Limit(.compliance, upTo: Located(most))
    var currents: [Double] = []
    for (index, value) in values.enumerated() {
      let current = value ?? .nan
      // At its limit the current is the limit, whatever it was read for.
      guard limit.allows(current) else {
        throw .reading(
          ReadBack.isValue(current) ? .compliance : .overflow, abs(current), at: output.terminal)
      }
      if points[index % points.count].isAsked { currents.append(-current) }
    }
    return currents
  }
}

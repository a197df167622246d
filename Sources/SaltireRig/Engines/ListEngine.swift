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
    // A program begins with every level at 0 V.
    var levels: [Terminal: Double] = [:]
    for action in actions {
      if case .loop(let times, let body) = action,
        let sweep = outputs.lazy.compactMap({ Sweep(times, body, on: $0, from: levels) }).first
      {
        parts.append(.sweep(sweep))
      } else {
        parts.append(host: action)
      }
      action.note(in: &levels)
    }
    return parts
  }
}

extension Action {
  /// What the levels are after it.
  fileprivate func note(in levels: inout [Terminal: Double]) {
    switch self {
    case .batches(let batches): for batch in batches { levels.merge(batch.levels) { $1 } }
    case .loop(_, let body): for action in body { action.note(in: &levels) }
    case .wait, .fire, .mark, .until: break
    }
  }
}

/// A loop as one sweep of a source meter: the same levels again and again,
/// each for the same time, and a reading at each. Readings between those that
/// the program asks for pass the time.
struct Sweep: Sendable {
  let output: LiveBench.Output
  let list: Engines.List
  let cycles: Int
  /// Of one cycle, volts.
  private(set) var levels: [Double] = []
  /// Whether the program asks for the reading at each.
  private(set) var isAsked: [Bool] = []
  /// Seconds before each reading, and of each.
  private(set) var delay = 0.0
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
        guard firing == nil, !new.listen.isEmpty, idle.seconds == 0, asked.isEmpty, level == 0
        else { return nil }
        firing = new
      case .batches(let batches):
        guard batches.count == 1, batches[0].instrument === output.instrument else { return nil }
        let batch = batches[0]
        if let set = batch.levels[output.terminal], batch.readings.isEmpty {
          level = set
        } else if batch.readings.map(\.terminal) == [output.terminal], batch.levels.isEmpty,
          batch.readings[0].hasCurrent
        {
          asked.append((level, batch.seconds))
        } else {
          return nil
        }
      case .loop, .mark, .until: return nil
      }
    }
    guard let integration = asked.first?.seconds, asked.allSatisfy({ $0.seconds == integration }),
      firing == nil || idle.isFirst
    else { return nil }
    let lead = firing == nil ? 0 : list.lead
    let rest = idle.seconds + (idle.seconds > 0 ? lead : 0)
    if idle.seconds > 0 {
      // As many readings as fit; what is left of the time is before each.
      let count = (rest / (lead + integration) + 1e-9).rounded(.down)
      guard let passed = Int(count: count, upTo: list.levels), passed > 0 else { return nil }
      delay = max(0, rest / count - integration)
      let points = [Double](repeating: idle.level, count: passed)
      levels = idle.isFirst ? points + asked.map(\.level) : asked.map(\.level) + points
      let passing = [Bool](repeating: false, count: passed)
      let own = [Bool](repeating: true, count: asked.count)
      isAsked = idle.isFirst ? passing + own : own + passing
    } else {
      levels = asked.map(\.level)
      isAsked = [Bool](repeating: true, count: asked.count)
    }
    guard levels.count <= min(list.levels, list.readings), firing == nil || idle.seconds > 0 else {
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
    let instrument = output.instrument
    for batch in firing?.listen ?? [] { _ = try await batch.instrument.run(batch.lines) }
    var currents: [Double] = []
    var left = cycles
    while left > 0 {
      let now = min(left, list.readings / levels.count)
      left -= now
      _ = try await instrument.run(commands(cycles: now))
      let count = now * levels.count
      let answer = try await instrument.run(
        [.query(list.run.filled(["ch": output.channel.name]))], taking: seconds(of: count))
      currents += try read(answer[0], count: count)
    }
    let end = list.end.map {
      output.command($0, ["level": LiveBench.text(levels[levels.count - 1])])
    }
    let tripped = try await instrument.run(end + [output.query("tripped")])
    _ = try MeterReading(terminal: output.terminal, index: 0, hasCurrent: false)
      .value(tripped, of: instrument.name)
    for batch in firing?.ignore ?? [] { _ = try await batch.instrument.run(batch.lines) }
    return currents
  }

  private func commands(cycles: Int) -> [Line] {
    let values = [
      "levels": levels.map(LiveBench.text).joined(separator: ","), "count": "\(levels.count)",
      "cycles": "\(cycles)", "delay": LiveBench.text(delay),
    ]
    return (list.begin + (firing == nil ? [] : list.fire)).map { output.command($0, values) }
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
      throw .failed(
        InstrumentFailure(
          output.instrument.name,
          .unexpectedReply(String(answer.prefix(200)), to: "a sweep of \(count) readings")))
    }
    // A reading there is as far from the limit as the instrument's accuracy allows.
    let limit = min(output.channel.current ?? .infinity, ReadBack.overflow) * 0.99
    var currents: [Double] = []
    for (index, value) in values.enumerated() {
      let current = value ?? .nan
      // At its limit the current is the limit, whatever it was read for.
      guard abs(current) < limit else {
        throw .limit(
          LimitViolation(
            kind: ReadBack.isValue(current) ? .compliance : .overflow,
            value: abs(current), limit: 0, place: output.terminal.name, location: nil))
      }
      if isAsked[index % levels.count] { currents.append(-current) }
    }
    return currents
  }
}

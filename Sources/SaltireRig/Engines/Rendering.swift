import Foundation
import SaltireInstruments

extension Operation {
  /// The operation in the language of its instrument.
  var lines: [Line] { output.lines(kind) }
  /// The number of command lines.
  var lineCount: Int { output.templates(of: kind).count }
}

extension LiveBench.Output {
  /// An operation in the language of the instrument, from its definition. Only this function turns
  /// numbers into text.
  func lines(_ operation: Operation.Kind) -> [Line] {
    var values = values(of: operation)
    values["ch"] = channel.name
    return templates(of: operation).map {
      operation.isQuestion ? .query($0.filled(values)) : .command($0.filled(values))
    }
  }

  fileprivate func templates(of operation: Operation.Kind) -> [Template] {
    func verb(_ name: String) -> [Template] { definition.verbs[name] ?? [] }
    func queries(_ names: String...) -> [Template] { names.compactMap { definition.queries[$0] } }
    return switch operation {
    case .on: verb("on")
    case .off: verb("off")
    case .safe: verb("safe")
    case .output: queries("output")
    case .level: verb("level")
    case .integration: verb("integration")
    case .measure: queries("current", "tripped")
    case .compliance: queries("tripped")
    case .list(_, _, _, let fires):
      definition.engines.list.map { $0.begin + (fires ? $0.fire : []) } ?? []
    case .sweep: definition.engines.list.map { [$0.run] } ?? []
    case .endSweep: definition.engines.list?.end ?? []
    case .timing: verb("width")
    case .pulse(let level, _): verb(level > 0 ? "up" : "down")
    case .count: definition.engines.burst?.count ?? []
    case .waveform: definition.engines.waveform?.load ?? []
    case .pulses: definition.engines.waveform?.unload ?? []
    case .trigger: verb("trigger")
    case .listen(let edge, _): definition.engines.triggerInput?.listen[edge] ?? []
    case .ignore: definition.engines.triggerInput?.ignore ?? []
    }
  }

  /// The numbers of an operation, by their names in templates.
  private func values(of operation: Operation.Kind) -> [String: String] {
    func text(_ value: Double) -> String { LiveBench.text(value) }
    switch operation {
    case .level(let level), .endSweep(let level): return ["level": text(level)]
    case .integration(let cycles): return ["cycles": text(cycles)]
    case .list(let levels, let cycles, let delay, _):
      return [
        "levels": levels.map(text).joined(separator: ","), "count": "\(levels.count)",
        "cycles": "\(cycles)", "delay": text(delay),
      ]
    case .timing(let width, let period): return ["width": text(width), "period": text(period)]
    case .pulse(let level, let least): return ["level": text(level), "least": text(least)]
    case .count(let count): return ["count": "\(count)"]
    case .waveform(let points, let step):
      guard let waveform = definition.engines.waveform else { return [:] }
      let texts = points.map { $0 ? waveform.pulse : waveform.idle }
      return ["points": texts.joined(separator: ","), "rate": text(1 / step)]
    case .listen(_, let lead): return ["lead": text(lead)]
    case .on, .off, .safe, .output, .measure, .compliance, .sweep, .pulses, .trigger, .ignore:
      return [:]
    }
  }
}

extension TriggerLine {
  /// The trigger command; none if only a sweep can fire the line.
  var lines: [Line] { (fire.map { [.command($0.filled(["line": "\(number)"]))] }) ?? [] }
}

extension LiveBench {
  /// A level as sent in a command: rounding may take it beyond a limit.
  static func sent(_ level: Double) -> Double {
    let rounded = Double(text(level)) ?? level
    return abs(rounded - level) <= 1e-12 * abs(level) ? level : rounded
  }

  /// A number as written in commands.
  static func text(_ value: Double) -> String {
    if value == 0 { return "0" }
    return String(format: "%.9g", value)
  }
}

import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltirePrograms

extension Station {
  /// The choice of the engine that times pulses and readings.
  public enum Engine: String, Sendable, CaseIterable {
    /// The best engine that the instruments support.
    case best
    /// The host, step by step, even if the instruments support more.
    case hostStepped = "host-stepped"
  }

  /// The instrument whose scripts time everything: the one with all source-meter channels. Nil if
  /// there are several, or if it has no scripts.
  var scripted: Entry? {
    guard engine == .best else { return nil }
    let names = Set(
      channels.keys.filter { entry(for: $0)?.definition.role == .sourceMeter }.compactMap {
        channels[$0]?.instrument
      })
    guard names.count == 1, let entry = instruments.first(where: { $0.name == names.first }),
      entry.script != nil
    else { return nil }
    return entry
  }

  /// The instruments with scripts or list sweeps.
  var timing: [Entry] {
    if let scripted { return [scripted] }
    if engine == .hostStepped { return [] }
    return instruments.filter { entry in
      entry.definition.engines.list != nil && entry.model.channels.count == 1
        && channels.values.contains { $0.instrument == entry.name }
    }
  }

  /// The engines and their time resolution, one text line each.
  public var engineSummary: [String] {
    var lines: [String] = []
    if let scripted, let script = scripted.script {
      lines.append(
        "tsp-script on \(scripted.name): statements of \(Quantity(script.statement, .second)),"
          + " pulses of \(Quantity(script.shortest, .second)) at least,"
          + " \(script.readings) readings a script")
    } else {
      for entry in timing {
        guard let list = entry.definition.engines.list else { continue }
        lines.append(
          "scpi-list on \(entry.name): steps of its integration time, \(list.readings) readings"
            + " a sweep")
      }
      lines.append(
        "host-stepped\(timing.isEmpty ? "" : " otherwise"): pulses on source meters of"
          + " \(Quantity(LiveBench.shortestHostPulse, .second)) at least")
    }
    if engine == .hostStepped { return lines }
    let generators = instruments.filter { $0.definition.role == .pulseSource }
    for line in self.lines where timing.contains(where: { $0.name == line.instrument }) {
      let waveforms = generators.filter {
        line.targets.contains($0.name) && $0.definition.engines.waveform != nil
      }
      if scripted == nil || waveforms.isEmpty { continue }
      lines.append(
        "arb on \(waveforms.map(\.name).joined(separator: ", ")): points of"
          + " \(Quantity(WaveformGrid.finest, .second)) at least, started by line \(line.number) of"
          + " \(line.instrument)")
    }
    let bursts = generators.filter { $0.definition.engines.burst != nil }
    if !bursts.isEmpty {
      lines.append(
        "burst on \(bursts.map(\.name).joined(separator: ", ")): their own pulse widths and periods"
      )
    }
    return lines
  }

  /// The shortest pulse on a terminal; nil if it has no channel.
  func shortestPulse(on terminal: Terminal) -> ShortestPulse? {
    guard let entry = entry(for: terminal) else { return nil }
    switch entry.definition.role {
    case .sourceMeter:
      let script = scripted?.script
      return ShortestPulse(
        seconds: script?.shortest ?? LiveBench.shortestHostPulse,
        timer: script == nil ? "the host" : "a script")
    case .pulseSource:
      return ShortestPulse(
        seconds: entry.model.numbers["width_min"] ?? 0, timer: "a \(entry.model.name)")
    default: return nil
    }
  }
}

/// The shortest pulse of a terminal, and what limits it.
struct ShortestPulse: Sendable {
  let seconds: Double
  let timer: String

  var limit: Limit { Limit(.shortestPulse, from: seconds) }

  /// The rule as part of an error message.
  func rule(for terminal: Terminal) -> String {
    "pulses on \(terminal) are timed by \(timer), which takes \(Quantity(seconds, .second)) at least"
  }
}

extension Station.Entry {
  var script: Engines.Script? { definition.engines.script }
}

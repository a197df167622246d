internal import SaltireCore
internal import SaltireInstruments

extension Station {
  /// What times the pulses and readings of a program.
  public enum Engine: String, Sendable, CaseIterable {
    /// The best that the instruments have.
    case best
    /// The host, step by step, whatever the instruments could do.
    case hostStepped = "host-stepped"
  }

  /// The instrument whose scripts time everything: the one that all source
  /// meters are channels of. Nil where there are several, or where it runs no
  /// scripts.
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

  /// The commands by which the instrument that times programs triggers others,
  /// by their names.
  var fires: [String: [Line]] {
    guard let scripted else { return [:] }
    var fires: [String: [Line]] = [:]
    for line in lines where line.instrument == scripted.name {
      guard let output = scripted.definition.engines.triggerOutput else { continue }
      for target in line.targets {
        fires[target] = [.command(output.fire.filled(["line": "\(line.number)"]))]
      }
    }
    return fires
  }

  /// What times pulses and readings, and on what grid, a line each.
  public var engineSummary: [String] {
    var lines: [String] = []
    if let scripted, let script = scripted.script {
      lines.append(
        "tsp-script on \(scripted.name): statements of \(Quantity(script.statement, .second)),"
          + " pulses of \(Quantity(script.shortest, .second)) at least,"
          + " \(script.readings) readings a script")
    } else {
      lines.append(
        "host-stepped: pulses on source meters of"
          + " \(Quantity(LiveBench.shortestHostPulse, .second)) at least")
    }
    if engine == .hostStepped { return lines }
    let generators = instruments.filter { $0.definition.role == .pulseSource }
    let waveforms = generators.filter {
      fires[$0.name] != nil && $0.definition.engines.waveform != nil
    }
    if let line = self.lines.first(where: { $0.instrument == scripted?.name }), !waveforms.isEmpty {
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

  /// The shortest pulse on source meters, seconds.
  var shortestPulse: Double { scripted?.script?.shortest ?? LiveBench.shortestHostPulse }
}

extension Station.Entry {
  var script: Engines.Script? { definition.engines.script }
}

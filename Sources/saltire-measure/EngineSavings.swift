import Foundation
import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltirePrograms
import SaltireRig
import SaltireSimulation

/// The cost of the engines: crossed swords of 1,000 pulses up and 1,000 down, each with a read, on
/// simulated instruments.
struct EngineSavings {
  private static let program = Program(
    [4.0, -4.0].map { level in
      .repeat(
        1000,
        [
          .pulse("GA1", level: level, width: 0.01), .rest(0.01),
          .read(
            Reading(drives: [.init("DA1", level: 0.1)], measures: ["DA1"], integration: 0.02)),
        ])
    })

  /// Prints a table: bench and engine, messages and bytes, lab time relative to the programmed
  /// time, and seconds on a serial line of 9600 baud.
  static func printTable() async throws {
    let programmed = program.extent.duration
    print("programmed time \(number(programmed)) s, 2000 readings")
    print(
      "bench                     engine        messages    bytes  lab time s  overhead  at 9600 baud s"
    )
    var figures: [String: (messages: Int, seconds: Double)] = [:]
    for bench in ["simulated-one-device", "simulated-2400", "simulated-2400-triggered"] {
      for engine in Station.Engine.allCases {
        let (seen, traffic) = try await run(bench, engine)
        let bytes = traffic.bytesSent + traffic.bytesReceived
        let seconds = traffic.wireTime(baud: 9600)
        figures["\(bench) \(engine)"] = (traffic.messages, seconds)
        print(
          [
            pad(bench, 26), pad(engine.rawValue, 13), left("\(traffic.messages)", 9),
            left("\(bytes)", 9), left(number(seen.duration), 12),
            left(String(format: "%+.2f %%", (seen.duration / programmed - 1) * 100), 10),
            left(number(seconds), 16),
          ].joined())
      }
      if let best = figures["\(bench) best"], let host = figures["\(bench) hostStepped"] {
        print(
          String(
            format: "  messages 1 : %.0f, wire time 1 : %.2f",
            Double(host.messages) / Double(best.messages), host.seconds / best.seconds))
      }
    }
    // The minimum for any engine: readings are 14 bytes of text each.
    print(
      "bound of RS-232: 2000 readings of 14 bytes at 9600 baud, \(number(2000 * 140 / 9600.0)) s")
  }

  private static func run(
    _ name: String, _ engine: Station.Engine
  ) async throws -> (Observations, LabTraffic) {
    let path = "instruments/benches/\(name).yaml"
    let file = try BenchFile(
      Document(name: path, text: try String(contentsOfFile: path, encoding: .utf8)),
      overrides: Overrides(settings: ["engine=\(engine.rawValue)"]))
    let open = try OpenBench(file, seed: 7)
    guard let live = open.live, let lab = open.lab else { throw CocoaError(.fileReadUnknown) }
    _ = try await live.connect()
    try await live.arm()
    let before = total(lab)
    let seen = try await live.perform(program)
    let after = total(lab)
    _ = await live.makeSafe()
    var traffic = LabTraffic()
    traffic.messages = after.messages - before.messages
    traffic.bytesSent = after.bytesSent - before.bytesSent
    traffic.bytesReceived = after.bytesReceived - before.bytesReceived
    return (seen, traffic)
  }

  private static func total(_ lab: SimulatedLab) -> LabTraffic {
    lab.wireTraffic.values.reduce(into: LabTraffic()) { sum, one in
      sum.messages += one.messages
      sum.bytesSent += one.bytesSent
      sum.bytesReceived += one.bytesReceived
    }
  }

  private static func number(_ value: Double) -> String { String(format: "%.2f", value) }
}

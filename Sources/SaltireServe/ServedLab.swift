public import SaltireBenches
import SaltireCore
import SaltireInstruments
public import SaltireLinks
public import SaltirePrograms
import SaltireRig
public import SaltireSimulation

/// The simulated lab of a bench file, served to other programs.
///
/// Unchecked: a single thread serves it, and the methods that other threads may call are
/// thread-safe.
public final class ServedLab: @unchecked Sendable {
  public let lab: SimulatedLab
  /// The bench file for clients.
  public let bench: String
  private let file: BenchFile
  private let server: LabServer

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - file: a bench of simulated instruments.
  ///   - seed: the seed of its devices.
  ///   - faults: faults to inject.
  ///   - host: an IPv4 address of this machine.
  ///   - port: the port of the first instrument; 0 for any.
  ///   - isSerial: whether to serve pseudo-terminals, like serial ports.
  ///   - isSingle: whether an instrument accepts one client at a time and has its family's port for
  ///     ending dead connections.
  ///   - isTimed: whether the lab has its own time instead of wall-clock time.
  /// - Throws: `LinkError` if a port is taken; ``BenchError/impossible(_:)`` for a bench without
  ///   simulated instruments.
  public init(
    _ file: BenchFile, seed: UInt64, faults: [LabFault] = [], host: String = "127.0.0.1",
    port: UInt16 = 0, isSerial: Bool = false, isSingle: Bool = false, isTimed: Bool = true
  ) throws {
    guard let station = file.station, station.isSimulated else {
      throw BenchError.impossible("\(file.document.name) has no simulated instruments")
    }
    self.file = file
    lab = SimulatedLab(
      station.plan(wiring: file.wiring, devices: file.devices), seed: seed, faults: faults)
    server = try LabServer(
      lab, instruments: station.instruments.map(\.name), host: host, port: port,
      deadSocket: isSingle
        ? station.instruments.lazy.compactMap(\.definition.deadSocket).first : nil)
    var addresses: [String: Resource] = [:]
    for (name, port) in server.ports {
      addresses[name] =
        isSerial
        ? .serial(port: try server.openTerminal(for: name)) : .socket(host: host, port: port)
    }
    bench = try file.served(
      at: addresses, clock: isTimed ? .socket(host: host, port: server.clockPort) : nil)
  }

  /// The TCP port of an instrument.
  public func port(of instrument: String) -> UInt16? { server.ports[instrument] }

  /// From now on closed connections go unnoticed, as with a cut cable. Thread-safe.
  public func cutOff() { server.cutOff() }

  /// Makes the instruments unreachable over TCP for this many seconds. Thread-safe.
  public func loseNetwork(for seconds: Double) { server.loseNetwork(for: seconds) }

  /// Ends ``run(realtime:)``. Thread-safe.
  public var interrupt: LinkInterrupt { server.interrupt }

  /// Serves until ``interrupt`` is fired.
  public func run(realtime: Bool = false) { server.run(realtime: realtime) }

  /// The actual state of each terminal's output, whatever clients believe.
  public var outputs: [(terminal: Terminal, channel: String, isOn: Bool)] {
    file.wiring.terminals.compactMap { terminal in
      guard let channel = file.station?.channels[terminal],
        let isOn = lab.isOutputOn(channel.name, of: channel.instrument)
      else { return nil }
      return (terminal, "\(channel.instrument).\(channel.name)", isOn)
    }
  }
}

import Foundation
import SaltireCore
public import SaltireLinks
public import SaltireSimulation

/// Serves a simulated lab over TCP: one port for every instrument, and one for the lab clock.
public final class LabServer {
  private let lab: SimulatedLab
  private let server: SocketServer
  /// The TCP port of each instrument.
  public private(set) var ports: [String: UInt16] = [:]
  /// The port of the control socket for ``RemoteClock``.
  public let clockPort: UInt16

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - lab: the lab to serve.
  ///   - instruments: the names, in the order of their ports.
  ///   - host: an IPv4 address of this machine.
  ///   - port: the port of the first instrument; the others follow. 0 for any.
  ///   - deadSocket: the port whose closing ends the connections to all instruments, which then
  ///     accept one client at a time; nil if they accept any number.
  /// - Throws: `LinkError` if a port is taken.
  public init(
    _ lab: SimulatedLab, instruments: [String], host: String, port: UInt16,
    deadSocket: UInt16? = nil
  ) throws(LinkError) {
    self.lab = lab
    let server = try SocketServer()
    self.server = server
    for (index, name) in instruments.enumerated() {
      ports[name] = try server.listen(
        host: host, port: try Self.port(port, index), isSingle: deadSocket != nil
      ) { lab.connect(name) }
    }
    clockPort = try server.listen(host: host, port: try Self.port(port, instruments.count)) {
      ClockDesk(lab).answer
    }
    guard let deadSocket else { return }
    let all = Array(ports.values)
    _ = try server.listen(host: host, port: deadSocket) { [weak server] in
      let termination = Termination { for port in all { server?.drop(port: port) } }
      return { _ in
        withExtendedLifetime(termination) { [] }
      }
    }
  }

  /// From now on, until the dead-socket port is used, disconnects go unnoticed. Thread-safe.
  public func cutOff() { server.cutOff() }

  /// Makes the instruments unreachable over TCP for this many seconds. Thread-safe.
  public func loseNetwork(for seconds: Double) { server.lose(Set(ports.values), for: seconds) }

  /// Also serves an instrument on a pseudo-terminal.
  ///
  /// - Returns: its path, to be opened like a serial port.
  /// - Throws: `LinkError` if no more can be created.
  public func openTerminal(for instrument: String) throws(LinkError) -> String {
    try server.openTerminal(answer: lab.connect(instrument))
  }

  /// Also serves an instrument as a USB device over USB/IP.
  ///
  /// - Parameters:
  ///   - name: the instrument.
  ///   - kind: the USB id.
  ///   - host: an IPv4 address of this machine.
  ///   - port: 0 for any; clients expect 3240.
  /// - Returns: the port.
  /// - Throws: `LinkError` if it is taken.
  public func openUSBIP(
    for name: String, kind: USBIdentifier, host: String, port: UInt16
  ) throws(LinkError) -> UInt16 {
    let identity = USBTMCFunction.Identity(
      kind: kind, manufacturer: "Saltire", product: name,
      serial: lab.serial(of: name) ?? "")
    let answer = lab.connect(name)
    let device = USBIPDevice(USBTMCFunction(identity) { answer($0) ?? [] })
    return try server.listen(host: host, port: port, connect: device.connection)
  }

  /// The serial number that an instrument reports.
  public func serial(of name: String) -> String? { lab.serial(of: name) }

  /// - Throws: `LinkError.unsupported` beyond the highest port.
  private static func port(_ first: UInt16, _ index: Int) throws(LinkError) -> UInt16 {
    if first == 0 { return 0 }
    guard let port = UInt16(exactly: Int(first) + index) else {
      throw .unsupported("port \(Int(first) + index): the highest port is \(UInt16.max)")
    }
    return port
  }

  /// Ends ``run(realtime:)``. Thread-safe.
  public var interrupt: LinkInterrupt { server.interrupt }

  /// Serves until ``interrupt`` is fired.
  ///
  /// - Parameter realtime: also advances lab time with wall-clock time, in addition to measurements
  ///   and waits.
  public func run(realtime: Bool) {
    guard realtime else { return server.run() }
    var last = HostTime.monotonic
    server.run(every: 0.001) {
      let now = HostTime.monotonic
      lab.wait(now - last)
      last = now
    }
  }
}

/// Called when a connection ends.
private final class Termination {
  private let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }

  deinit { body() }
}

/// Answers the queries of one ``RemoteClock`` client.
private final class ClockDesk {
  private let lab: SimulatedLab
  private var buffer: [UInt8] = []

  /// Longer lines are rejected.
  private static let longestLine = 4096

  init(_ lab: SimulatedLab) { self.lab = lab }

  /// Nil, which closes the connection, for a line without a terminator.
  func answer(_ bytes: [UInt8]) -> [UInt8]? {
    buffer += bytes
    var output = ""
    while let end = buffer.firstIndex(of: 10) {
      let line = String(decoding: buffer[..<end], as: UTF8.self)
      buffer.removeFirst(end + 1)
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "wait", let seconds = Double(words[1]), seconds.isFinite {
        lab.wait(seconds)
      } else if line != "now?" {
        output += "expected 'now?' or 'wait SECONDS'\n"
        continue
      }
      output += "\(lab.now())\n"
    }
    return buffer.count > Self.longestLine ? nil : Array(output.utf8)
  }
}

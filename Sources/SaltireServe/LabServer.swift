import Foundation
import SaltireCore
public import SaltireLinks
public import SaltireSimulation

/// A simulated lab that other programs reach by TCP: a port for every
/// instrument, and one for its clock.
public final class LabServer {
  private let lab: SimulatedLab
  private let server: SocketServer
  /// Where each instrument answers by TCP.
  public private(set) var ports: [String: UInt16] = [:]
  /// Where the clock answers ``RemoteClock``.
  public let clockPort: UInt16

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - lab: what is served.
  ///   - instruments: by name, in the order of their ports.
  ///   - host: an IPv4 address of this machine.
  ///   - port: of the first instrument; the others follow. 0 for any.
  ///   - deadSocket: the port whose closing ends the connections to all
  ///     instruments, which then take one client at a time each; nil where they
  ///     take any number.
  /// - Throws: `LinkError` where a port is taken.
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

  /// From now on clients leave unnoticed, until the dead-socket port is used. From
  /// any thread.
  public func cutOff() { server.cutOff() }

  /// For so many seconds nobody reaches the instruments over TCP. From any thread.
  public func loseNetwork(for seconds: Double) { server.lose(Set(ports.values), for: seconds) }

  /// Serves an instrument on a pseudo-terminal too.
  ///
  /// - Returns: its path, to be opened like a serial port.
  /// - Throws: `LinkError` where there are no more of them.
  public func openTerminal(for instrument: String) throws(LinkError) -> String {
    try server.openTerminal(answer: lab.connect(instrument))
  }

  /// Serves an instrument as a USB device too, which Linux attaches over TCP.
  ///
  /// - Parameters:
  ///   - name: the instrument.
  ///   - kind: of the USB device.
  ///   - host: an IPv4 address of this machine.
  ///   - port: 0 for any; 3240 is where clients look.
  /// - Returns: the port.
  /// - Throws: `LinkError` where it is taken.
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

  /// The serial number that an instrument tells.
  public func serial(of name: String) -> String? { lab.serial(of: name) }

  /// - Throws: `LinkError.unsupported` beyond the last.
  private static func port(_ first: UInt16, _ index: Int) throws(LinkError) -> UInt16 {
    if first == 0 { return 0 }
    guard let port = UInt16(exactly: Int(first) + index) else {
      throw .unsupported("port \(Int(first) + index): the last is \(UInt16.max)")
    }
    return port
  }

  /// Ends ``run(realtime:)`` from any thread.
  public var interrupt: LinkInterrupt { server.interrupt }

  /// Serves until ``interrupt`` is fired.
  ///
  /// - Parameter realtime: lets lab time pass as the wall's does, besides
  ///   what measurements and waits take.
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

/// What happens when a connection ends.
private final class Termination {
  private let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }

  deinit { body() }
}

/// Answers the questions that one client asks as ``RemoteClock`` does.
private final class ClockDesk {
  private let lab: SimulatedLab
  private var buffer: [UInt8] = []

  /// A longer line is no question.
  private static let longestLine = 4096

  init(_ lab: SimulatedLab) { self.lab = lab }

  /// Nil, which ends the connection, for a line without end.
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

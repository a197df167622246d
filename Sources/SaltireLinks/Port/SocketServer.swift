import Foundation
import SaltireCore
import Synchronization

/// Serves TCP ports and pseudo-terminals: passes input to a handler, and sends back what the
/// handler returns.
///
/// One thread serves all clients in turn, so handlers never run concurrently. No client blocks the
/// others: input is processed one line at a time, and a client that does not read its replies is no
/// longer served.
public final class SocketServer {
  /// Ends ``run(every:_:)``. Thread-safe.
  public let interrupt: LinkInterrupt
  private let cut = Mutex(false)
  /// Unreachable ports, and until when.
  private let outage = Mutex((ports: Set<UInt16>(), end: 0.0))
  private var listeners: [Listener] = []
  private var clients: [ServedClient] = []

  /// Maximum number of clients; further ones are rejected.
  private static let mostClients = 200
  /// Seconds for which one client is served before the next.
  private static let turn = 0.005

  private struct Listener {
    let descriptor: Int32
    let port: UInt16
    let isSingle: Bool
    let connect: () -> ([UInt8]) -> [UInt8]?
  }

  /// - Throws: ``LinkError/io(call:errno:)``.
  public init() throws(LinkError) { interrupt = try LinkInterrupt() }

  deinit {
    for listener in listeners { Foundation.close(listener.descriptor) }
    for client in clients {
      if case .socket = client.kind { Foundation.close(client.descriptor) }
    }
  }

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - host: an IPv4 address of this machine.
  ///   - port: 0 for any free port.
  ///   - answer: receives bytes and returns the reply; nil closes the connection.
  /// - Returns: the port.
  /// - Throws: ``LinkError/busy(address:by:)`` if it is taken, ``LinkError/denied(address:)``
  ///   without permission, ``LinkError/unsupported(_:)`` for an address that is not this machine's.
  public func listen(
    host: String, port: UInt16, answer: @escaping ([UInt8]) -> [UInt8]?
  ) throws(LinkError) -> UInt16 {
    try listen(host: host, port: port) { answer }
  }

  /// Starts to listen, with a separate handler for each client.
  ///
  /// - Parameters:
  ///   - host: an IPv4 address of this machine.
  ///   - port: 0 for any free port.
  ///   - isSingle: whether there is one client at a time; others wait until it leaves.
  ///   - connect: makes the handler of a new client, which is released when the client leaves.
  /// - Returns: the port.
  /// - Throws: as ``listen(host:port:answer:)``.
  public func listen(
    host: String, port: UInt16, isSingle: Bool = false,
    connect: @escaping () -> ([UInt8]) -> [UInt8]?
  ) throws(LinkError) -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw .io(call: "socket", errno: errno) }
    func fail() -> LinkError {
      let code = errno
      Foundation.close(descriptor)
      return switch code {
      case EADDRINUSE: .busy(address: "port \(port) of \(host)", by: nil)
      case EACCES: .denied(address: "port \(port) of \(host)")
      case EADDRNOTAVAIL: .unsupported("address \(host)")
      default: .io(call: "listening on \(host):\(port)", errno: code)
      }
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
      Foundation.close(descriptor)
      throw .unsupported("IPv4 address '\(host)'")
    }
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    guard bound == 0, Foundation.listen(descriptor, 8) == 0 else { throw fail() }
    var actual = sockaddr_in()
    var actualLength = length
    let named = withUnsafeMutablePointer(to: &actual) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &actualLength)
      }
    }
    guard named == 0 else { throw fail() }
    let found = UInt16(bigEndian: actual.sin_port)
    listeners.append(
      Listener(descriptor: descriptor, port: found, isSingle: isSingle, connect: connect))
    return found
  }

  /// From now on, until ``drop(port:)``, disconnects on single-client ports go unnoticed, as with a
  /// cut cable. Thread-safe.
  public func cutOff() { cut.withLock { $0 = true } }

  /// Makes these ports unreachable for this many seconds, starting at the next event, as in a
  /// network outage. Thread-safe.
  public func lose(_ ports: Set<UInt16>, for seconds: Double) {
    outage.withLock { $0 = (ports, HostTime.monotonic + seconds) }
  }

  private func isAway(_ listener: Int32) -> Bool {
    let outage = outage.withLock { $0 }
    guard HostTime.monotonic < outage.end else { return false }
    return listeners.contains { $0.descriptor == listener && outage.ports.contains($0.port) }
  }

  /// Closes all connections to a port.
  public func drop(port: UInt16) {
    cut.withLock { $0 = false }
    let own = listeners.filter { $0.port == port }.map(\.descriptor)
    for client in clients {
      if case .socket(let listener) = client.kind, own.contains(listener) { close(client) }
    }
  }

  /// Creates a pseudo-terminal, for clients that expect a serial port.
  ///
  /// - Parameter answer: as in ``listen(host:port:answer:)``; a terminal cannot be closed, so nil
  ///   means no reply.
  /// - Returns: its path.
  /// - Throws: ``LinkError/io(call:errno:)``.
  public func openTerminal(answer: @escaping ([UInt8]) -> [UInt8]?) throws(LinkError) -> String {
    let terminal = try Terminal()
    clients.append(ServedClient(terminal.descriptor, .terminal(terminal), answer: answer))
    return terminal.path
  }

  /// Serves until ``interrupt`` is fired.
  ///
  /// - Parameters:
  ///   - seconds: the longest time between calls of `tick`; nil for never.
  ///   - tick: additional work on the same thread.
  public func run(every seconds: Double? = nil, _ tick: () -> Void = {}) {
    while true {
      var polls = [pollfd(fd: interrupt.descriptor, events: Int16(POLLIN), revents: 0)]
      for listener in listeners where accepts(listener) {
        polls.append(pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0))
      }
      for client in clients where !client.isHalfOpen {
        let events = (client.takesMore ? POLLIN : 0) | (client.hasOutput ? POLLOUT : 0)
        polls.append(pollfd(fd: client.descriptor, events: Int16(events), revents: 0))
      }
      let isBusy = clients.contains { $0.hasInput && !$0.isHalfOpen }
      let milliseconds = isBusy ? 0 : seconds.map { Int32(max($0 * 1000, 1)) } ?? -1
      let count = poll(&polls, nfds_t(polls.count), milliseconds)
      if polls[0].revents != 0 { return }
      tick()
      guard count >= 0 else { continue }
      let ready = Dictionary(
        polls.filter { $0.revents != 0 }.map { ($0.fd, Int32($0.revents)) }
      ) { first, _ in first }
      for client in clients where !client.isHalfOpen {
        serve(client, ready[client.descriptor] ?? 0)
      }
      for listener in listeners where ready[listener.descriptor] != nil && accepts(listener) {
        accept(listener)
      }
    }
  }

  private func accepts(_ listener: Listener) -> Bool {
    !listener.isSingle
      || !clients.contains {
        if case .socket(listener.descriptor) = $0.kind { true } else { false }
      }
  }

  private func accept(_ listener: Listener) {
    let descriptor = Foundation.accept(listener.descriptor, nil, nil)
    guard descriptor >= 0 else { return }
    guard clients.count < Self.mostClients, !isAway(listener.descriptor) else {
      Foundation.close(descriptor)
      return
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    var on: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    clients.append(
      ServedClient(
        descriptor, .socket(listener: listener.descriptor), answer: listener.connect()))
  }

  private func serve(_ client: ServedClient, _ events: Int32) {
    // Another client's handler may have closed it meanwhile.
    guard clients.contains(where: { $0 === client }) else { return }
    if case .socket(let listener) = client.kind, isAway(listener) { return close(client) }
    // A hang-up is read like input. After pending replies it ends writing.
    if events & ~POLLOUT != 0, client.takesMore, !client.receive() { return drop(client) }
    guard client.work(until: HostTime.monotonic + Self.turn), client.flush() else {
      return drop(client)
    }
  }

  /// Removes a client.
  private func drop(_ client: ServedClient) {
    guard case .socket(let listener) = client.kind else { return }
    if cut.withLock({ $0 }), listeners.contains(where: { $0.descriptor == listener && $0.isSingle })
    {
      client.isHalfOpen = true
    } else {
      close(client)
    }
  }

  private func close(_ client: ServedClient) {
    // A terminal closes itself.
    if case .socket = client.kind { Foundation.close(client.descriptor) }
    clients.removeAll { $0 === client }
  }
}

internal import Foundation
internal import Synchronization

/// Answers on TCP ports and pseudo-terminals: what comes in at one is handed to
/// its handler, and what the handler returns is sent back.
///
/// One thread serves all ports in turn, so handlers never run at once.
public final class SocketServer {
  /// Ends ``run(every:_:)`` from any thread.
  public let interrupt: LinkInterrupt
  private let cut = Mutex(false)
  private var listeners: [Listener] = []
  private var terminals: [(terminal: Terminal, answer: ([UInt8]) -> [UInt8]?)] = []
  private var connections: [Connection] = []

  private struct Listener {
    let descriptor: Int32
    let port: UInt16
    let isSingle: Bool
    let connect: () -> ([UInt8]) -> [UInt8]?
  }

  private struct Connection {
    let descriptor: Int32
    let listener: Int32
    /// Whether the client is gone, and nobody noticed.
    var isHalfOpen = false
    let answer: ([UInt8]) -> [UInt8]?
  }

  /// - Throws: ``LinkError/io(call:errno:)``.
  public init() throws(LinkError) { interrupt = try LinkInterrupt() }

  deinit {
    for descriptor in listeners.map(\.descriptor) + connections.map(\.descriptor) {
      Foundation.close(descriptor)
    }
  }

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - host: an IPv4 address of this machine.
  ///   - port: 0 for any that is free.
  ///   - answer: takes bytes as they come and returns what is sent back; nil
  ///     drops the connection.
  /// - Returns: the port.
  /// - Throws: ``LinkError/busy(address:by:)`` where it is taken,
  ///   ``LinkError/denied(address:)`` where this user may not listen on it,
  ///   ``LinkError/unsupported(_:)`` for an address that is not this machine's.
  public func listen(
    host: String, port: UInt16, answer: @escaping ([UInt8]) -> [UInt8]?
  ) throws(LinkError) -> UInt16 {
    try listen(host: host, port: port) { answer }
  }

  /// Begins to listen, for clients that are each answered by themselves.
  ///
  /// - Parameters:
  ///   - host: an IPv4 address of this machine.
  ///   - port: 0 for any that is free.
  ///   - isSingle: whether there is one client at a time; others wait until it
  ///     leaves.
  ///   - connect: makes what answers a new client; released when that leaves.
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

  /// From now on clients of ports for a single one leave unnoticed, as those do
  /// whose cable is cut, until ``drop(port:)``. From any thread.
  public func cutOff() { cut.withLock { $0 = true } }

  /// Ends all connections to a port.
  public func drop(port: UInt16) {
    cut.withLock { $0 = false }
    let own = listeners.filter { $0.port == port }.map(\.descriptor)
    for connection in connections where own.contains(connection.listener) {
      close(connection.descriptor)
    }
  }

  /// Makes a pseudo-terminal, for clients that expect a serial port.
  ///
  /// - Parameter answer: as of ``listen(host:port:answer:)``; a line cannot be
  ///   dropped, so nil is silence.
  /// - Returns: its path.
  /// - Throws: ``LinkError/io(call:errno:)``.
  public func openTerminal(answer: @escaping ([UInt8]) -> [UInt8]?) throws(LinkError) -> String {
    let terminal = try Terminal()
    terminals.append((terminal, answer))
    return terminal.path
  }

  /// Serves until ``interrupt`` is fired.
  ///
  /// - Parameters:
  ///   - seconds: how often `tick` is called at least; nil for never.
  ///   - tick: what else is to be done, on the same thread.
  public func run(every seconds: Double? = nil, _ tick: () -> Void = {}) {
    while true {
      var polls = [pollfd(fd: interrupt.descriptor, events: Int16(POLLIN), revents: 0)]
      let descriptors =
        listeners.filter(accepts).map(\.descriptor)
        + connections.filter { !$0.isHalfOpen }.map(\.descriptor)
        + terminals.map(\.terminal.descriptor)
      for descriptor in descriptors {
        polls.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
      }
      let milliseconds = seconds.map { Int32(max($0 * 1000, 1)) } ?? -1
      let count = poll(&polls, nfds_t(polls.count), milliseconds)
      if polls[0].revents != 0 { return }
      tick()
      guard count > 0 else { continue }
      let ready = Set(polls.filter { $0.revents != 0 }.map(\.fd))
      for connection in connections where ready.contains(connection.descriptor) {
        serve(connection)
      }
      for (terminal, answer) in terminals where ready.contains(terminal.descriptor) {
        if let bytes = terminal.receive(), let reply = answer(bytes) { terminal.send(reply) }
      }
      for listener in listeners where ready.contains(listener.descriptor) && accepts(listener) {
        accept(listener)
      }
    }
  }

  private func accepts(_ listener: Listener) -> Bool {
    !listener.isSingle || !connections.contains { $0.listener == listener.descriptor }
  }

  private func accept(_ listener: Listener) {
    let descriptor = Foundation.accept(listener.descriptor, nil, nil)
    guard descriptor >= 0 else { return }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var on: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    connections.append(
      Connection(
        descriptor: descriptor, listener: listener.descriptor, answer: listener.connect()))
  }

  private func serve(_ connection: Connection) {
    let descriptor = connection.descriptor
    // Another one may have ended it meanwhile.
    guard connections.contains(where: { $0.descriptor == descriptor }) else { return }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count < 0, errno == EINTR { return }
    guard count > 0 else { return drop(descriptor) }
    guard let reply = connection.answer(Array(buffer.prefix(count))) else {
      return drop(descriptor)
    }
    var sent = 0
    while sent < reply.count {
      let count = reply.withUnsafeBytes {
        send(descriptor, $0.baseAddress! + sent, reply.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return drop(descriptor) }
      sent += count
    }
  }

  /// A client left, or is to.
  private func drop(_ descriptor: Int32) {
    guard let index = connections.firstIndex(where: { $0.descriptor == descriptor }) else { return }
    let listener = connections[index].listener
    let isSingle = listeners.contains { $0.descriptor == listener && $0.isSingle }
    if isSingle, cut.withLock({ $0 }) {
      connections[index].isHalfOpen = true
    } else {
      close(descriptor)
    }
  }

  private func close(_ descriptor: Int32) {
    Foundation.close(descriptor)
    connections.removeAll { $0.descriptor == descriptor }
  }
}

import Foundation

/// A link over a connected stream socket: TCP to an instrument's raw socket,
/// or a pair inside the process.
public final class StreamLink: Link {
  public var interrupt: LinkInterrupt { channel.interrupt }
  /// A TCP connection can be reopened, a pair cannot.
  public let recoverySteps: [RecoveryStep]
  private var channel: Channel<SocketPort>

  private init(descriptor: Int32, recoverySteps: [RecoveryStep]) throws(LinkError) {
    channel = try Channel(SocketPort(descriptor))
    self.recoverySteps = recoverySteps
  }

  deinit { close() }

  /// Two connected links: host and simulated instrument.
  ///
  /// - Throws: ``LinkError/io(call:errno:)``.
  public static func pair() throws(LinkError) -> (host: StreamLink, device: StreamLink) {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
      throw .io(call: "socketpair", errno: errno)
    }
    let host: StreamLink
    do throws(LinkError) {
      host = try StreamLink(descriptor: ends[0], recoverySteps: [.clear])
    } catch {
      Foundation.close(ends[1])
      throw error
    }
    return (host, try StreamLink(descriptor: ends[1], recoverySteps: [.clear]))
  }

  /// A TCP connection.
  ///
  /// - Parameter host: a name or an address; that of IPv6 without brackets.
  /// - Throws: ``LinkError/unreachable(address:reason:)``,
  ///   ``LinkError/timeout(received:)``.
  public static func connect(
    host: String, port: UInt16, deadline: Deadline
  ) throws(LinkError) -> StreamLink {
    let address = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &found)
    defer { if let found { freeaddrinfo(found) } }
    guard status == 0 else {
      throw .unreachable(address: address, reason: String(cString: gai_strerror(status)))
    }
    var reason = "no address"
    var candidate = found
    while let info = candidate?.pointee {
      candidate = info.ai_next
      let descriptor = socket(info.ai_family, info.ai_socktype, info.ai_protocol)
      guard descriptor >= 0 else { continue }
      let link = try StreamLink(descriptor: descriptor, recoverySteps: [.clear, .reopen])
      // Queries are short and wait for their replies, so they must not be delayed to collect more
      // bytes.
      var on: Int32 = 1
      setsockopt(
        descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
      if Foundation.connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return link }
      guard errno == EINPROGRESS else {
        reason = String(cString: strerror(errno))
        continue
      }
      _ = try link.channel.wait(for: Int16(POLLOUT), deadline)
      var error: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
      if error == 0 { return link }
      reason = String(cString: strerror(error))
    }
    throw .unreachable(address: address, reason: reason)
  }

  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    try channel.send(message, deadline: deadline)
  }

  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    try channel.receive(until: terminator, deadline: deadline)
  }

  public func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    guard step == .clear else { throw .unsupported(step.title) }
    try channel.clear()
  }

  public func close() { channel.close() }
}

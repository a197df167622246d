internal import Foundation

/// A link over a connected stream socket: TCP to an instrument's raw socket,
/// or a pair inside the process.
public final class StreamLink: Link {
  public let interrupt: LinkInterrupt
  private var descriptor: Int32
  /// Received and not yet asked for.
  private var pending: [UInt8] = []

  /// The longest message without its terminator.
  public static let messageLimit = 16 << 20

  private init(descriptor: Int32) throws(LinkError) {
    self.descriptor = descriptor
    do throws(LinkError) {
      interrupt = try LinkInterrupt()
    } catch {
      Foundation.close(descriptor)
      throw error
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close() }

  /// Two links whose bytes reach each other: host and simulated instrument.
  ///
  /// - Throws: ``LinkError/io(call:errno:)``.
  public static func pair() throws(LinkError) -> (host: StreamLink, device: StreamLink) {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
      throw .io(call: "socketpair", errno: errno)
    }
    let host: StreamLink
    do throws(LinkError) {
      host = try StreamLink(descriptor: ends[0])
    } catch {
      Foundation.close(ends[1])
      throw error
    }
    return (host, try StreamLink(descriptor: ends[1]))
  }

  /// A TCP connection.
  ///
  /// - Throws: ``LinkError/unreachable(address:reason:)``,
  ///   ``LinkError/timeout(received:)``.
  public static func connect(
    host: String, port: UInt16, deadline: Deadline
  ) throws(LinkError) -> StreamLink {
    let address = "\(host):\(port)"
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
      let link = try StreamLink(descriptor: descriptor)
      // Queries are short and wait for their answers: no delay for more bytes.
      var on: Int32 = 1
      setsockopt(
        descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
      if Foundation.connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return link }
      guard errno == EINPROGRESS else {
        reason = String(cString: strerror(errno))
        continue
      }
      try link.wait(for: Int16(POLLOUT), deadline)
      var error: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
      if error == 0 { return link }
      reason = String(cString: strerror(error))
    }
    throw .unreachable(address: address, reason: reason)
  }

  public func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    var sent = 0
    while sent < message.count {
      try wait(for: Int16(POLLOUT), deadline)
      let count = message.withUnsafeBytes { bytes in
        Foundation.send(
          descriptor, bytes.baseAddress! + sent, message.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno != EAGAIN, errno != EINTR {
        throw failure("send")
      }
    }
  }

  public func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    var searched = 0
    while true {
      if let length = messageLength(terminator, from: searched) {
        let message = Array(pending.prefix(length))
        pending.removeFirst(length)
        return message
      }
      searched = pending.count
      guard pending.count < Self.messageLimit else { throw .overrun(limit: Self.messageLimit) }
      try wait(for: Int16(POLLIN), deadline)
      try take()
    }
  }

  public func clear() throws(LinkError) {
    pending.removeAll()
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while descriptor >= 0, Foundation.poll(&poll, 1, 0) > 0 {
      try take()
      pending.removeAll()
    }
    guard descriptor >= 0 else { throw .closed }
  }

  public func close() {
    guard descriptor >= 0 else { return }
    Foundation.close(descriptor)
    descriptor = -1
  }

  // MARK: Inside

  private func messageLength(_ terminator: Terminator, from start: Int) -> Int? {
    switch terminator {
    case .byte(let byte): pending[start...].firstIndex(of: byte).map { $0 + 1 }
    case .count(let count): pending.count >= count ? count : nil
    }
  }

  /// Reads what is there.
  private func take() throws(LinkError) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count > 0 {
      pending += buffer.prefix(count)
    } else if count == 0 {
      throw .disconnected
    } else if errno != EAGAIN, errno != EINTR {
      throw failure("recv")
    }
  }

  /// Waits until the socket is ready, the deadline passes or someone fires the
  /// interrupt.
  private func wait(for events: Int16, _ deadline: Deadline) throws(LinkError) {
    guard descriptor >= 0 else { throw .closed }
    while true {
      var polls = [
        pollfd(fd: descriptor, events: events, revents: 0),
        pollfd(fd: interrupt.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let milliseconds = Int32((deadline.remaining * 1000).rounded(.up).clamped(to: 0...1e9))
      let count = poll(&polls, 2, milliseconds)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("poll") }
      if polls[1].revents != 0 { throw .interrupted }
      if polls[0].revents != 0 { return }
      if deadline.remaining <= 0 { throw .timeout(received: pending.count) }
    }
  }

  private func failure(_ call: String) -> LinkError {
    switch errno {
    case EPIPE, ECONNRESET, ENOTCONN: .disconnected
    default: .io(call: call, errno: errno)
    }
  }
}

extension Double {
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    min(max(self, range.lowerBound), range.upperBound)
  }
}

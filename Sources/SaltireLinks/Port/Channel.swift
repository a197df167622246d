import Foundation

/// Messages over a port: waits until the port is ready, the deadline passes or the interrupt is
/// fired. Shared by all links with descriptors.
struct Channel<Port: BytePort> {
  let interrupt: LinkInterrupt
  /// Nil when closed.
  private var port: Port?
  private var pending = MessageBuffer()

  /// - Throws: ``LinkError/io(call:errno:)``; then the port is closed.
  init(_ port: Port) throws(LinkError) {
    do throws(LinkError) {
      interrupt = try LinkInterrupt()
    } catch {
      port.close()
      throw error
    }
    self.port = port
  }

  func send(_ message: [UInt8], deadline: Deadline) throws(LinkError) {
    let port = try usable()
    var sent = 0
    while sent < message.count {
      // There is nearly always space: trying first saves a system call.
      let count = try message.withUnsafeBufferPointer { bytes throws(LinkError) in
        try port.write(UnsafeBufferPointer(rebasing: bytes[sent...]))
      }
      sent += count
      if count == 0, deadline.remaining <= 0 { throw .timeout(received: pending.count) }
      if sent < message.count { _ = try wait(for: Int16(POLLOUT), deadline) }
    }
  }

  mutating func receive(
    until terminator: Terminator, deadline: Deadline
  ) throws(LinkError) -> [UInt8] {
    let port = try usable()
    var searched = 0
    while true {
      if let message = pending.take(terminator, searched: searched) { return message }
      searched = pending.count
      guard searched < MessageBuffer.limit else { throw .overrun(limit: MessageBuffer.limit) }
      let count = try fill(from: port, try wait(for: Int16(POLLIN), deadline))
      // In case poll reports readiness wrongly again and again.
      if count == 0, deadline.remaining <= 0 { throw .timeout(received: searched) }
    }
  }

  mutating func clear() throws(LinkError) {
    guard let port else { throw .closed }
    pending.removeAll()
    try port.reset()
    var polled = pollfd(fd: port.descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&polled, 1, 0) > 0, try fill(from: port, polled.revents) > 0 {
      pending.removeAll()
    }
  }

  mutating func close() {
    port?.close()
    port = nil
  }

  /// Waits until the port is ready.
  ///
  /// - Returns: the events that poll reported.
  func wait(for events: Int16, _ deadline: Deadline) throws(LinkError) -> Int16 {
    guard let port else { throw .closed }
    while true {
      var polled: [2 of pollfd] = [
        pollfd(fd: port.descriptor, events: events, revents: 0),
        pollfd(fd: interrupt.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let remaining = deadline.remaining
      let milliseconds = Int32(min((remaining * 1000).rounded(.up), 1e9))
      var span = polled.mutableSpan
      let count = span.withUnsafeMutableBufferPointer { poll($0.baseAddress, 2, milliseconds) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .io(call: "poll", errno: errno) }
      if polled[1].revents != 0 { throw .interrupted }
      if polled[0].revents != 0 { return polled[0].revents }
      if remaining <= 0 { throw .timeout(received: pending.count) }
    }
  }

  // MARK: Inside

  private func usable() throws(LinkError) -> Port {
    guard let port else { throw .closed }
    if interrupt.isFired { throw .interrupted }
    return port
  }

  /// Reads available bytes after poll reported these events, and returns their number.
  private mutating func fill(from port: Port, _ events: Int16) throws(LinkError) -> Int {
    let count = try pending.fill(port.read)
    // A disconnected terminal reads as empty again and again.
    if count == 0, events & Int16(POLLHUP | POLLERR) != 0 { throw .disconnected }
    return count
  }
}

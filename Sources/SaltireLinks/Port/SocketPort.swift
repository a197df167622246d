import Foundation

/// A connected stream socket.
struct SocketPort: BytePort {
  let descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(LinkError) -> Int {
    let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
    // On a socket, reading 0 bytes means its end; no available bytes is an error.
    if count == 0 { throw .disconnected }
    return try Self.count(count, "recv")
  }

  func write(_ bytes: UnsafeBufferPointer<UInt8>) throws(LinkError) -> Int {
    try Self.count(
      send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)), "send")
  }

  func reset() {}

  func close() { Foundation.close(descriptor) }

  private static func count(_ count: Int, _ call: String) throws(LinkError) -> Int {
    if count >= 0 { return count }
    switch errno {
    case EAGAIN, EINTR: return 0
    case EPIPE, ECONNRESET, ENOTCONN: throw .disconnected
    default: throw .io(call: call, errno: errno)
    }
  }
}

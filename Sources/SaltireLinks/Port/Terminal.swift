internal import Foundation

/// A pseudo-terminal: what a serial port is to the program at its other end.
final class Terminal {
  /// The end that is served.
  let descriptor: Int32
  /// The end that clients open. Held open here too, or the terminal would hang
  /// up when the first of them leaves.
  private let client: Int32
  /// Where clients find it.
  let path: String

  // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), whose macros Swift does not see.
  private static let unlock: UInt = 0x4004_5431
  private static let number: UInt = 0x8004_5430

  /// - Throws: ``LinkError/io(call:errno:)``.
  init() throws(LinkError) {
    let served = Foundation.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    guard served >= 0 else { throw .io(call: "open /dev/ptmx", errno: errno) }
    var (lock, number): (Int32, Int32) = (0, 0)
    guard ioctl(served, Self.unlock, &lock) == 0, ioctl(served, Self.number, &number) == 0 else {
      let error = errno
      Foundation.close(served)
      throw .io(call: "ioctl /dev/ptmx", errno: error)
    }
    path = "/dev/pts/\(number)"
    client = Foundation.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    var settings = termios()
    guard client >= 0, tcgetattr(client, &settings) == 0 else {
      let error = errno
      Foundation.close(served)
      throw .io(call: "open", errno: error)
    }
    // Bytes go through as they are.
    cfmakeraw(&settings)
    tcsetattr(client, TCSANOW, &settings)
    descriptor = served
  }

  deinit {
    Foundation.close(descriptor)
    Foundation.close(client)
  }

  /// What has come; nil for nothing.
  func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = Foundation.read(descriptor, &buffer, buffer.count)
    return count > 0 ? Array(buffer.prefix(count)) : nil
  }

  /// Milliseconds that a client may leave a full line unread.
  private static let patience: Int32 = 2000

  /// Sends all, or as much as somebody reads: a serial port waits for nobody.
  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + sent, bytes.count - sent)
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, Self.patience) > 0 else { return }
      } else if errno != EINTR {
        return
      }
    }
  }
}

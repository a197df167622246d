import Foundation

/// A pseudo-terminal, which looks like a serial port to its client.
final class Terminal {
  /// The server end.
  let descriptor: Int32
  /// The client end. It stays open here too; otherwise the terminal would hang up when the first
  /// client leaves.
  private let client: Int32
  /// The path for clients.
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
    // Raw mode: bytes pass unchanged.
    cfmakeraw(&settings)
    tcsetattr(client, TCSANOW, &settings)
    descriptor = served
  }

  deinit {
    Foundation.close(descriptor)
    Foundation.close(client)
  }
}

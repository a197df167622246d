import Foundation
import SaltireCore
import Synchronization

/// The pseudo-terminal of a program, read until it freezes.
final class CampaignTerminal: Sendable {
  /// The path that the program opens.
  let path: String
  private let master: Int32
  private let state = Mutex((isUnread: false, told: "", isOver: false))

  init() throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), whose macros Swift does not see.
    var (lock, number): (Int32, Int32) = (0, 0)
    guard master >= 0, ioctl(master, 0x4004_5431, &lock) == 0,
      ioctl(master, 0x8004_5430, &number) == 0
    else { throw CampaignFailure(description: "no terminal: errno \(errno)") }
    path = "/dev/pts/\(number)"
  }

  deinit { close(master) }

  /// Starts reading, after the program has opened it.
  func begin() {
    let thread = Thread { [self] in
      while !state.withLock({ $0.isOver }) {
        if !state.withLock({ $0.isUnread }) { read() }
        HostTime.block(0.005)
      }
    }
    thread.start()
  }

  func freeze(isUnread: Bool) {
    if isUnread { return state.withLock { $0.isUnread = true } }
    // Ctrl-S.
    var byte: UInt8 = 0x13
    _ = write(master, &byte, 1)
  }

  /// Waits until no process has it open, for some minutes at most.
  ///
  /// - Returns: the output.
  func end() -> String {
    state.withLock { $0.isOver = true }
    let last = HostTime.monotonic + 180
    while read(), HostTime.monotonic < last { HostTime.block(0.002) }
    return state.withLock { $0.told }
  }

  /// Reads available bytes; false if the other end is closed.
  @discardableResult
  private func read() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Foundation.read(master, &bytes, bytes.count)
      if count > 0 {
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        state.withLock { $0.told += text.replacing("\r\n", with: "\n") }
        continue
      }
      return count < 0 && errno != EIO
    }
  }
}

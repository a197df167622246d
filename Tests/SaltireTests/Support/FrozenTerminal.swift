import Foundation
import SaltireCore

/// A terminal on which a program runs, and which takes no more when somebody presses Ctrl-S.
final class FrozenTerminal {
  private let master: Int32
  private let process = Process()

  /// Starts the program with the terminal as all its streams.
  init(_ arguments: [String]) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), whose macros Swift does not see.
    var (lock, number): (Int32, Int32) = (0, 0)
    guard master >= 0, ioctl(master, 0x4004_5431, &lock) == 0,
      ioctl(master, 0x8004_5430, &number) == 0,
      let slave = FileHandle(forUpdatingAtPath: "/dev/pts/\(number)")
    else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    process.executableURL = Command.program("saltire")
    process.arguments = arguments
    process.currentDirectoryURL = Command.root
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["SALTIRE_LEDGER": Running.noLedger]
    ) { $1 }
    (process.standardInput, process.standardOutput, process.standardError) = (slave, slave, slave)
    try process.run()
    try slave.close()
  }

  deinit { close(master) }

  /// Takes what is shown.
  func read() {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while Foundation.read(master, &bytes, bytes.count) > 0 {}
  }

  /// Ctrl-S: from now on whoever writes waits.
  func freeze() {
    var byte: UInt8 = 0x13
    _ = write(master, &byte, 1)
  }

  var id: pid_t { process.processIdentifier }

  /// Waits for the end of the program.
  func end() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
  }
}

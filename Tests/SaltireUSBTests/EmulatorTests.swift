import Foundation
import Glibc
import SaltireTesting
import Testing

/// The emulator itself, where it went wrong before.
@Suite struct EmulatorTests {
  /// Hearing of USB devices starts and ends whenever a program opens and closes libusb. Once, an
  /// event sent meanwhile ended the emulator.
  @Test func listenersMayGoAtAnyTime() async throws {
    try await withThrowingTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          while !Task.isCancelled {
            // Not to be held open: the emulator waits for who does not read.
            close(try Self.listener())
            await Task.yield()
          }
        }
      }
      for _ in 0..<200 { _ = try EmulatedUSB().statistics() }
      group.cancelAll()
    }
  }

  /// A socket on which the kernel, or the emulator, tells of devices.
  private static func listener() throws -> Int32 {
    let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 15)  // NETLINK_KOBJECT_UEVENT
    try #require(descriptor >= 0)
    // struct sockaddr_nl, which Glibc's module does not have: family, port, groups.
    let address = [UInt32(AF_NETLINK), 0, 2]
    let result = address.withUnsafeBytes {
      bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), UInt32($0.count))
    }
    try #require(result == 0)
    return descriptor
  }
}

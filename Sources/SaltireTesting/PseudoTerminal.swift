import CPtyShim
import Foundation
import Synchronization

/// A serial port without hardware: a link opens its ``path``, and a test plays the instrument at
/// the other end.
public final class PseudoTerminal: Sendable {
  /// The device file to open.
  public let path: String
  /// The instrument's end; -1 when disconnected.
  private let master: Atomic<Int32>
  /// Timeout of ``hear(_:)`` in milliseconds.
  private static let patience: Int32 = 30_000

  /// - Throws: errors of the system.
  public init() throws {
    var name = [CChar](repeating: 0, count: 64)
    let descriptor = ptyshim_make(&name, name.count)
    guard descriptor >= 0 else { throw Self.failure() }
    path = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    master = Atomic(descriptor)
  }

  deinit { unplug() }

  /// Sends bytes to the link.
  ///
  /// - Throws: errors of the system.
  public func say(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Self.failure() }
      rest = rest.dropFirst(count)
    }
  }

  /// Replies to everything that the link sends, on its own thread, until the link closes the port
  /// or the cable is pulled.
  ///
  /// - Parameter answer: receives bytes and returns the reply; nil pulls the cable.
  public func serve(_ answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) {
    Thread.detachNewThread {
      // Without a timeout, because a busy machine may be slow.
      while let bytes = try? self.heard(1, within: -1) {
        guard let reply = answer(bytes) else { return self.unplug() }
        try? self.say(reply)
      }
    }
  }

  /// Returns this number of bytes that the link sent.
  ///
  /// - Throws: errors of the system: EIO if the link has closed the port, ETIMEDOUT after half a
  ///   minute.
  public func hear(_ count: Int) throws -> [UInt8] { try heard(count, within: Self.patience) }

  /// - Parameter milliseconds: timeout for each part; -1 for none.
  private func heard(_ count: Int, within milliseconds: Int32) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var heard = 0
    while heard < count {
      var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&polled, 1, milliseconds) > 0 else { throw POSIXError(.ETIMEDOUT) }
      let got = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress! + heard, count - heard)
      }
      guard got > 0 else { throw Self.failure() }
      heard += got
    }
    return bytes
  }

  /// Pulls the cable. Thread-safe. Unread bytes are lost, as on a real port.
  public func unplug() {
    let descriptor = master.exchange(-1, ordering: .relaxed)
    if descriptor >= 0 { close(descriptor) }
  }

  /// This end, for ``LinkConformance``.
  public var peer: LinkPeer {
    LinkPeer(say: say, hear: hear, hangUp: unplug, dropsUnread: true)
  }

  private var descriptor: Int32 { master.load(ordering: .relaxed) }

  private static func failure() -> POSIXError {
    POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
  }
}

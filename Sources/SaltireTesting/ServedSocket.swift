import Foundation
import SaltireLinks
import Synchronization

/// A server on a TCP port of this machine, on its own thread, for as long as it is referenced.
public final class ServedSocket: Sendable {
  public let port: UInt16
  private let interrupt: LinkInterrupt

  /// - Parameter answer: receives bytes and returns the reply; nil closes the connection.
  /// - Throws: `LinkError`.
  public init(_ answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) throws {
    let begun = Mutex<Result<(UInt16, LinkInterrupt), LinkError>?>(nil)
    let isReady = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      do throws(LinkError) {
        let server = try SocketServer()
        let port = try server.listen(host: "127.0.0.1", port: 0, answer: answer)
        begun.withLock { $0 = .success((port, server.interrupt)) }
        isReady.signal()
        server.run()
      } catch {
        begun.withLock { $0 = .failure(error) }
        isReady.signal()
      }
    }
    isReady.wait()
    let result = begun.withLock { $0 } ?? .failure(.closed)
    (port, interrupt) = try result.get()
  }

  deinit { hangUp() }

  /// Closes all connections and stops listening.
  public func hangUp() { interrupt.fire() }
}

import Foundation
import SaltireTesting

/// `saltire simulate` for as long as a test needs it.
final class Server {
  private let running: Running
  private let folder: TemporaryFolder

  /// Serves and waits until it listens.
  init(_ target: String, _ arguments: [String] = []) throws {
    folder = try TemporaryFolder()
    running = try Running(["simulate", target, "--tcp", "127.0.0.1:0"] + arguments)
    guard running.hears("serving") else { throw CocoaError(.fileReadUnknown) }
  }

  /// What it said on standard output: a resource, or a bench file.
  func printed() -> String { running.printed() }

  /// The bench file that reaches it.
  func bench() throws -> String { try folder.write(printed(), "served.yaml") }

  /// Ends it by Ctrl-C; its exit status, and what it said of the outputs.
  func end() async -> (status: Int32, told: String) {
    running.interrupt()
    let (status, _, errors) = await running.end()
    return (status, errors)
  }
}

import Foundation
import SaltireRecords

/// The result of the built program with some arguments.
struct Command {
  let status: Int32
  let output: String
  let errors: String

  /// The repository's folder, where every command runs, so that the paths of
  /// protocols and benches are as in the documentation.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A program that was built beside the tests.
  static func program(_ name: String) -> URL {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent(name)
  }

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - wrapper: a program, and its arguments, that is to run it.
  ///   - program: which, of those that are built beside the tests.
  ///   - ledger: where doses are kept; no file can be made there without it.
  init(
    _ arguments: [String], within wrapper: [String] = [], program: String = "saltire",
    ledger: String = Running.noLedger
  ) async throws {
    let run = try Running(arguments, within: wrapper, program: program, ledger: ledger)
    (status, output, errors) = await run.end()
  }

  init(_ arguments: String...) async throws { try await self.init(arguments) }

  /// The one JSON document on standard output.
  var document: JSONValue? { JSONValue(text: output) }
}

/// The program while it runs.
final class Running: @unchecked Sendable {
  private let process = Process()
  private let output = Pipe()
  private let errors = Pipe()
  private let ended: AsyncStream<Int32>
  private var seen = Data()

  /// Tests do not use the user's ledger.
  static let noLedger = "/dev/null/doses.sqlite"

  /// Ports of this machine that other programs have open are not the rig of these tests.
  private static let locks = Command.program("test-locks").path

  /// - Parameter input: standard input; nothing without it.
  init(
    _ arguments: [String], within wrapper: [String] = [], program: String = "saltire",
    ledger: String = Running.noLedger, input: FileHandle = .nullDevice
  ) throws {
    let program = Command.program(program)
    let (ended, end) = AsyncStream.makeStream(of: Int32.self)
    self.ended = ended
    process.executableURL = wrapper.isEmpty ? program : URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = wrapper.isEmpty ? arguments : wrapper + [program.path] + arguments
    process.currentDirectoryURL = Command.root
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["SALTIRE_LEDGER": ledger, "SALTIRE_LOCKS": Self.locks]
    ) { $1 }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    process.terminationHandler = { process in
      // A status that no exit code is, for an end by a signal.
      end.yield(
        process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
      end.finish()
    }
    try process.run()
  }

  /// Reads standard error until `text` appears; false at its end.
  func hears(_ text: String) -> Bool {
    while !String(decoding: seen, as: UTF8.self).contains(text) {
      let more = errors.fileHandleForReading.availableData
      if more.isEmpty { return false }
      seen += more
    }
    return true
  }

  /// What has come on standard output until now.
  func printed() -> String {
    String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
  }

  /// What the terminal's Ctrl-C sends.
  func interrupt() { process.interrupt() }

  var id: pid_t { process.processIdentifier }

  func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

  /// SIGKILL, which a program cannot catch.
  func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

  func end() async -> (status: Int32, output: String, errors: String) {
    // Both pipes are emptied at once: a full one would stop the program.
    let output = output.fileHandleForReading
    async let printed = output.readDataToEndOfFile()
    let told = seen + errors.fileHandleForReading.readDataToEndOfFile()
    var status: Int32 = .min
    for await value in ended { status = value }
    let said = await printed
    // A process keeps its pipes, and with some thousand descriptors Foundation's
    // next one reads behind the end of their list.
    for pipe in [self.output, errors] { try? pipe.fileHandleForReading.close() }
    return (status, String(decoding: said, as: UTF8.self), String(decoding: told, as: UTF8.self))
  }
}

extension JSONValue {
  /// The value under keys joined by dots: "outcome.devices.A1".
  func at(_ path: String) -> JSONValue? {
    path.split(separator: ".").reduce(self as JSONValue?) { $0?[String($1)] }
  }

  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }
}

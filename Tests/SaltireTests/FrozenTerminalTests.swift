import Foundation
import SaltireCore
import Testing

@testable import saltire

/// Words that nobody takes hold up nothing.
@Suite struct FrozenTerminalTests {
  private let rig: ServedRig

  init() throws { rig = try ServedRig("simulated-one-device") }

  /// A run on a terminal that froze after its first pulses.
  private func frozen() throws -> FrozenTerminal {
    let terminal = try FrozenTerminal(
      rig.run("crossed-swords", ["swords.cycles=500", "guardian.heartbeat=1 s"]))
    while rig.totalPulses < 100 {
      terminal.read()
      HostTime.block(0.01)
    }
    terminal.freeze()
    return terminal
  }

  @Test(.timeLimit(.minutes(5))) func aRunGoesOnAndEndsWhenAsked() throws {
    let terminal = try frozen()
    let before = rig.totalPulses
    while rig.totalPulses < before + 20_000 { HostTime.block(0.01) }
    kill(terminal.id, SIGTERM)
    #expect(terminal.end() == 130)
    #expect(rig.energised.isEmpty)
  }

  @Test(.timeLimit(.minutes(5))) func aGuardianMakesSafeBeforeItSpeaks() throws {
    let terminal = try frozen()
    kill(terminal.id, SIGKILL)
    #expect(terminal.end() == -SIGKILL)
    while !rig.energised.isEmpty { HostTime.block(0.01) }
  }

  /// A pipe that nobody reads stands for all that takes no words.
  @Test func messagesDoNotWaitAndResultsAreKept() throws {
    let pipe = Pipe()
    let writer = ConsoleWriter()
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    let line = String(repeating: "x", count: 1000)
    for _ in 0..<5000 { writer.add(line, to: descriptor, as: .message) }
    for number in 0..<1000 { writer.add("\(number) ", to: descriptor, as: .progress) }
    writer.end(within: 0.01)
    try pipe.fileHandleForWriting.close()
    let told = pipe.fileHandleForReading.readDataToEndOfFile()
    #expect(told.count <= ConsoleWriter.room + 100_000)

    let result = Pipe()
    let other = ConsoleWriter()
    Thread.detachNewThread {
      for number in 0..<10_000 {
        other.add("\(number)\n", to: result.fileHandleForWriting.fileDescriptor, as: .result)
      }
      other.end(within: 0)
      try? result.fileHandleForWriting.close()
    }
    let lines = result.fileHandleForReading.readDataToEndOfFile().split(separator: 10)
    #expect(lines.count == 10_000 && lines.last?.elementsEqual("9999".utf8) == true)
  }
}

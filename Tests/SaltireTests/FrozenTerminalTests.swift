import Foundation
import SaltireCore
import SaltireRecords
import SaltireTesting
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

  @Test func aRunGoesOnAndEndsWhenAsked() throws {
    let terminal = try frozen()
    let before = rig.totalPulses
    while rig.totalPulses < before + 20_000 { HostTime.block(0.01) }
    kill(terminal.id, SIGTERM)
    #expect(terminal.end() == 130)
    #expect(rig.energised.isEmpty)
  }

  @Test func aGuardianMakesSafeBeforeItSpeaks() throws {
    let terminal = try frozen()
    kill(terminal.id, SIGKILL)
    #expect(terminal.end() == -SIGKILL)
    while !rig.energised.isEmpty { HostTime.block(0.01) }
  }

  /// Every write to a stream takes half a minute: a run has come to its end, with its outputs
  /// off, before its first word is out.
  @Test func aRunEndsBeforeItsFirstWordIsOut() async throws {
    let running = try blocked(["swords.cycles=1", "swords.pulses=10"])
    #expect(running.hears("w"))
    #expect(rig.energised.isEmpty)
    let session = try Session.open(try #require(rig.sessions.first))
    let ending = try #require(try session.ending())
    #expect(ending.safe && ending.outcome != nil && ending.pulses == rig.totalPulses)
    try session.close()
    #expect([0, 11].contains(await running.end().status))
  }

  /// Nor does a guardian wait for its words, or for those of the run; it does not stay for
  /// them either.
  @Test func aGuardianDoesNotWaitForItsWords() async throws {
    let running = try blocked(["swords.cycles=500"])
    while rig.totalPulses < 100 { HostTime.block(0.001) }
    running.kill()
    #expect(await running.end().status == -SIGKILL)
    #expect(rig.energised.isEmpty)
    let session = try Session.open(try #require(rig.sessions.first))
    #expect(try session.ending()?.safe == true)
    try session.close()
  }

  private func blocked(_ settings: [String]) throws -> Running {
    try Running(
      rig.run("crossed-swords", settings),
      within: ServedRig.shim(over: rig.folder.url, ["STREAMS_BLOCK": "30"]))
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

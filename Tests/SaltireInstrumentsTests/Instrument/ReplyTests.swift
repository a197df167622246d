import Synchronization
import Testing

@testable import SaltireInstruments

@Suite struct ReplyTests {
  @Test(arguments: [
    ("1.0\0", "1.0"), ("\0\r 1.0 \r\0", "1.0"), ("errors\t0", "errors\t0"), ("TSP>1.0", "1.0"),
    ("TSP> TSP? ", nil), (">>>>", nil), ("", nil), ("\0\r", nil),
  ])
  func paddingAndPromptsAreTakenAway(message: String, text: String?) {
    #expect(Reply(in: .tsp).text(of: Array(message.utf8)) == text)
  }

  /// Only bytes that are not part of any value are removed: a number must not become another.
  @Test(arguments: ["1\u{0}2", "\u{FF}1.5", "1.5\u{FF}", "TSP>1"])
  func nothingElseIs(message: String) {
    #expect(Reply(in: .scpi).text(of: Array(message.utf8)) == message)
  }

  @Test func paddingIsKnown() {
    #expect(Reply.padding(of: Array("1.0\0\0\n".utf8)) == [0, 0])
    #expect(Reply.padding(of: Array("1.0\n".utf8)) == [])
    #expect(Reply.padding(of: Array("\0\n".utf8)) == [0])
    #expect(Reply.padding(of: []) == [])
  }
}

@Suite struct IdentityNoiseTests {
  @Test func noiseAroundAnIdentityIsPassedOver() throws {
    let plain = try #require(Identity(reply: "KEITHLEY,MODEL 2400,123,C30"))
    #expect(Identity(reply: "\u{FF}\0\u{FE}KEITHLEY,MODEL 2400,123,C30\0\r\n") == plain)
    #expect(Identity(reply: "KEITHLEY,MOD\u{FF}EL 2400,123,C30") == nil)
  }

  /// Replies with three commas that are not identities.
  @Test(arguments: [
    "+1.000000E+00,-1.470096E-08,+9.910000E+37,+6.860023E+03,+2.151000E+04", "nan,1,2,3",
    "INF,1,2,3", "1,2,3,4", ",a,b,c", "a,,b,c", "a,b,c", "--,a,b,c",
  ])
  func readingsAreNoIdentity(reply: String) { #expect(Identity(reply: reply) == nil) }
}

@Suite struct ErrorReportTests {
  @Test func aFullQueueIsSaidByKind() {
    let queue =
      [ErrorReport](repeating: .init(code: -285, text: "TSP Syntax error"), count: 140) + [
        .init(code: -350, text: "Queue overflow")
      ]
    #expect(queue.summary == "-285, TSP Syntax error (140 times); -350, Queue overflow")
    #expect([ErrorReport]().summary.isEmpty)
  }

  /// An impossible count is not a reply to an error-queue query.
  @Test(arguments: ["-1", "nan", "-inf", "x", "", "1e300", "inf", "0.5"])
  func impossibleCountsAreNoAnswer(count: String) {
    let line = "errors\t\(count)"
    #expect(Dialogue(dialect: .tsp).answer(line) == .value(line))
  }

  @Test(arguments: ["1", "1.28000e+02"])
  func whateverIsInTheQueueIsAskedFor(count: String) {
    #expect(Dialogue(dialect: .tsp).answer("errors\t\(count)") == .reports)
  }
}

@Suite struct SteppingTests {
  private final class Clock: Sendable {
    let time = Mutex(0.0)
  }

  /// An announced hour is on time; a wait that does not end is overdue.
  @Test func whatWasAnnouncedIsOnTime() {
    let clock = Clock()
    let stepping = Stepping { clock.time.withLock { $0 } }
    let hour = stepping.begin(within: 3600)
    clock.time.withLock { $0 = 3600 }
    #expect(!stepping.isOverdue)
    let query = stepping.begin(within: 1)
    clock.time.withLock { $0 = 3601.5 }
    #expect(!stepping.isOverdue)
    clock.time.withLock { $0 = 3602.5 }
    #expect(stepping.isOverdue)
    stepping.end(hour)
    #expect(!stepping.isOverdue)
    clock.time.withLock { $0 = 3603.5 }
    #expect(stepping.isOverdue)
    stepping.end(query)
    #expect(!stepping.isOverdue)
  }

  /// There is time for analysis between two waits, but not unlimited time.
  @Test func thinkingHasAnEnd() {
    let clock = Clock()
    let stepping = Stepping { clock.time.withLock { $0 } }
    clock.time.withLock { $0 = Stepping.thinking }
    #expect(!stepping.isOverdue)
    clock.time.withLock { $0 = Stepping.thinking + 0.1 }
    #expect(stepping.isOverdue)
  }
}

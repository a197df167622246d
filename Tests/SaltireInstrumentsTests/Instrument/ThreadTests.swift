import Foundation
import SaltireLinks
import Synchronization
import Testing

@testable import SaltireInstruments

/// The threads on which instruments work.
@Suite struct ThreadTests {
  /// Calls one after another need no second thread.
  @Test func aCallRunsOnTheThreadOfTheBench() async throws {
    let threads = Mutex<Set<String>>([])
    let instrument = try Self.instrument { threads.withLock { _ = $0.insert(Self.thread) } }
    try await withTaskExecutorPreference(ThreadExecutor(name: "bench")) {
      try await instrument.openLink()
      for _ in 0..<10 { _ = try await instrument.ask(["A?"]) }
    }
    #expect(threads.withLock { $0 } == ["bench"])
    _ = try await instrument.ask(["A?"])
    #expect(threads.withLock { $0 } == ["bench", "unit"])
    await instrument.disconnect()
  }

  /// Each of two instruments replies only when the other was asked too.
  @Test func instrumentsWorkAtTheSameTime() async throws {
    let arrivals = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
    let haveMet = Mutex(true)
    let instruments = try [0, 1].map { own in
      try Self.instrument {
        arrivals[own].signal()
        if arrivals[1 - own].wait(timeout: .now() + 60) == .timedOut {
          haveMet.withLock { $0 = false }
        }
      }
    }
    try await withTaskExecutorPreference(ThreadExecutor(name: "bench")) {
      for instrument in instruments { try await instrument.openLink() }
      for _ in 0..<100 {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for instrument in instruments {
            group.addTask { _ = try await instrument.ask(["A?"]) }
          }
          try await group.waitForAll()
        }
      }
    }
    #expect(haveMet.withLock { $0 })
    for instrument in instruments { await instrument.disconnect() }
  }

  private static var thread: String { Thread.current.name ?? "" }

  /// An instrument that replies "1" after `body`.
  private static func instrument(_ body: @escaping @Sendable () -> Void) throws -> Instrument {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let library = InstrumentLibrary(folder: root.appendingPathComponent("instruments"))
    let (definition, model) = try #require(library.find("keysight/33522b"))
    return Instrument(name: "unit", definition: definition, model: model) {
      () throws(LinkError) in
      try LocalLink { _ in
        body()
        return Array("1\n".utf8)
      }
    }
  }
}

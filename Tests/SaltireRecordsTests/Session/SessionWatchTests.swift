import Dispatch
import Foundation
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireRecords

@Suite struct SessionWatchTests {
  /// A log that grows while several threads look at it does not count as truncated.
  @Test func lookingFromSeveralThreadsFindsNoLoss() throws {
    let folder = try TemporaryFolder()
    let session = try Session.create(
      at: folder["run.saltire"], manifest: .empty, durability: .batched)
    let watch = SessionWatch(session.url, try #require(session.lock), id: nil)
    let log = open(session.url.path + "-wal", O_WRONLY | O_APPEND)
    defer { close(log) }
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<2000 where watch.loss == nil {
        _ = write(log, "more", 4)
        _ = watch.look()
      }
    }
    #expect(watch.loss?.error == nil)
  }
}

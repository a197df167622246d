import Foundation

/// Runs `act` on another thread as soon as the calling one sleeps in a system
/// call.
func whenThisThreadSleeps(_ act: @escaping @Sendable () -> Void) {
  let task = "/proc/self/task/\(threadIdentifier())/stat"
  Thread.detachNewThread {
    while state(task) != "S" { sched_yield() }
    act()
  }
}

/// The letter behind the name in parentheses.
private func state(_ path: String) -> Character? {
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
  return text.split(separator: ") ").last?.first
}

private func threadIdentifier() -> String {
  // The link's target is PID/task/TID.
  let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
  return String(target?.split(separator: "/").last ?? "")
}

import Foundation

/// Runs an actor's jobs on its own thread.
///
/// Link calls block. On Swift's cooperative pool, which has one thread per core, a few slow
/// instruments would stop everything else.
final class ThreadExecutor: SerialExecutor {
  private let queue = Queue()

  init(name: String) {
    let queue = queue
    let thread = Thread {
      while let (job, executor) = queue.next() { job.runSynchronously(on: executor) }
    }
    thread.name = name
    thread.start()
  }

  deinit { queue.end() }

  func enqueue(_ job: consuming ExecutorJob) {
    queue.add(UnownedJob(job), asUnownedSerialExecutor())
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  /// Pending jobs; access requires holding its condition.
  private final class Queue: @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [(UnownedJob, UnownedSerialExecutor)] = []
    private var isEnded = false

    func add(_ job: UnownedJob, _ executor: UnownedSerialExecutor) {
      condition.lock()
      jobs.append((job, executor))
      condition.signal()
      condition.unlock()
    }

    /// Waits for the next job; nil at the end.
    func next() -> (UnownedJob, UnownedSerialExecutor)? {
      condition.lock()
      defer { condition.unlock() }
      while jobs.isEmpty {
        if isEnded { return nil }
        condition.wait()
      }
      return jobs.removeFirst()
    }

    func end() {
      condition.lock()
      isEnded = true
      condition.signal()
      condition.unlock()
    }
  }
}

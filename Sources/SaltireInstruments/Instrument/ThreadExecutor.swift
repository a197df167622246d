import Foundation
import Synchronization

/// Runs tasks on its own thread, which may block.
///
/// Link calls block. On Swift's cooperative pool, which has one thread per core, a few slow
/// instruments would stop everything else.
package final class ThreadExecutor: TaskExecutor {
  private let queue = Queue()

  /// - Parameter name: the name of the thread.
  package init(name: String) {
    let queue = queue
    Thread.detachNewThread {
      Thread.current.name = name
      pthread_setspecific(Self.key, Unmanaged.passUnretained(queue).toOpaque())
      while let work = queue.next() { work() }
    }
  }

  deinit { queue.end() }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.add { [executor = asUnownedTaskExecutor()] in job.runSynchronously(on: executor) }
  }

  /// Runs the jobs of `executor` on the calling thread when its present job ends, if the thread
  /// belongs to a `ThreadExecutor` and has nothing else to do; otherwise on this one.
  fileprivate func run(_ executor: InstrumentExecutor) {
    if let current = pthread_getspecific(Self.key) {
      let queue = Unmanaged<Queue>.fromOpaque(current).takeUnretainedValue()
      if queue.addIfEmpty({ executor.run() }) { return }
    }
    queue.add { executor.run() }
  }

  /// The queue of a thread is stored under this key.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// Pending work; access requires holding its condition.
  private final class Queue: @unchecked Sendable {
    private let condition = NSCondition()
    private var pending: [() -> Void] = []
    private var isEnded = false

    func add(_ work: @escaping () -> Void) {
      condition.lock()
      pending.append(work)
      condition.signal()
      condition.unlock()
    }

    /// Adds work to be done next; false if there is other work.
    func addIfEmpty(_ work: @escaping () -> Void) -> Bool {
      condition.lock()
      defer { condition.unlock() }
      guard pending.isEmpty else { return false }
      pending.append(work)
      return true
    }

    /// Waits for work; nil at the end.
    func next() -> (() -> Void)? {
      condition.lock()
      defer { condition.unlock() }
      while pending.isEmpty {
        if isEnded { return nil }
        condition.wait()
      }
      return pending.removeFirst()
    }

    func end() {
      condition.lock()
      isEnded = true
      condition.signal()
      condition.unlock()
    }
  }
}

/// Runs the jobs of one instrument, one at a time.
///
/// They run on the thread of the caller where that may block and has nothing else to do, which
/// saves two changes of thread in every call; otherwise on the instrument's own thread, so that
/// several instruments work at the same time.
final class InstrumentExecutor: SerialExecutor {
  private let thread: ThreadExecutor
  private let state = Mutex(State())

  private struct State {
    var jobs: [UnownedJob] = []
    /// Whether a thread runs the jobs.
    var isRunning = false
  }

  init(name: String) { thread = ThreadExecutor(name: name) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isFirst = state.withLock { state in
      state.jobs.append(job)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if isFirst { thread.run(self) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  fileprivate func run() {
    while let job = next() { job.runSynchronously(on: asUnownedSerialExecutor()) }
  }

  private func next() -> UnownedJob? {
    state.withLock { state in
      state.isRunning = !state.jobs.isEmpty
      return state.jobs.isEmpty ? nil : state.jobs.removeFirst()
    }
  }
}

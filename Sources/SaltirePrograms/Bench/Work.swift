import Synchronization

/// An operation that other tasks can cancel.
package final class Work: Sendable {
  private let task = Mutex<(isCancelled: Bool, cancel: (@Sendable () -> Void)?)>((false, nil))

  package init() {}

  /// Runs `body` to its end. It is cancelled together with the task that waits for it, or by
  /// ``cancel()``.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
    let work = Task { await body() }
    let isCancelled = task.withLock { task in
      task.cancel = { work.cancel() }
      return task.isCancelled
    }
    if isCancelled { work.cancel() }
    defer { task.withLock { $0.cancel = nil } }
    return await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      work.cancel()
    }
  }

  /// Cancels the current operation and all later ones.
  package func cancel() {
    let cancel = task.withLock { task in
      task.isCancelled = true
      return task.cancel
    }
    cancel?()
  }
}

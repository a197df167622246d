import SaltireInstruments
import SaltireLinks
import SaltirePrograms

/// A program that is being performed.
struct Run {
  let bench: LiveBench
  /// What was measured so far, amperes.
  private(set) var currents: [Double] = []
  /// The last action: the next may be merged into it.
  private var pending: Action?

  init(bench: LiveBench) { self.bench = bench }

  /// All of a program: inside an instrument where that is possible.
  mutating func perform(program actions: [Action]) async throws(BenchError) {
    for part in bench.engine.parts(of: actions) {
      switch part {
      case .host(let actions): try await perform(actions)
      case .script(let actions, let engine):
        try await finish()
        if Task.isCancelled { throw .cancelled }
        currents += try await engine.perform(actions)
      case .sweep(let sweep):
        try await finish()
        if Task.isCancelled { throw .cancelled }
        currents += try await sweep.perform()
      }
    }
    try await finish()
  }

  private mutating func perform(_ actions: [Action]) async throws(BenchError) {
    for action in actions {
      if case .loop(let times, let body) = action {
        for _ in 0..<times { try await perform(body) }
      } else if case .fire(let firing) = action {
        // Each by its own command: nothing is started that was not told so.
        try await perform(firing.host.map { .batches([$0]) })
      } else if let merged = pending?.merged(with: action) {
        pending = merged
      } else {
        try await finish()
        pending = action
      }
    }
  }

  /// Performs what is left.
  private mutating func finish() async throws(BenchError) {
    guard let action = pending else { return }
    pending = nil
    if Task.isCancelled { throw .cancelled }
    switch action {
    case .wait(let seconds):
      try await bench.timed(waiting: seconds) { () async throws(LinkError) in
        try await bench.clock.wait(seconds)
      }
    case .batches(let batches):
      if batches.count == 1 { try await send(batches[0]) } else { try await send(batches) }
    case .loop, .fire, .mark, .until:
      preconditionFailure("\(action) is no single action of the host")
    }
  }

  /// One batch, with the currents that it measures.
  private mutating func send(_ batch: Batch) async throws(BenchError) {
    let answers = try await batch.instrument.run(batch.lines, taking: batch.seconds)
    for reading in batch.readings {
      if let current = try reading.value(answers, of: batch.instrument.name) {
        currents.append(current)
      }
    }
  }

  /// Several batches at once, on instruments that need not wait for each other.
  private func send(_ batches: [Batch]) async throws(BenchError) {
    let failure = await withTaskGroup(of: BenchError?.self) { group -> BenchError? in
      for batch in batches {
        group.addTask {
          do throws(BenchError) {
            _ = try await batch.instrument.run(batch.lines, taking: batch.seconds)
            return nil
          } catch {
            return error
          }
        }
      }
      return await group.reduce(nil) { $0 ?? $1 }
    }
    if let failure { throw failure }
  }
}

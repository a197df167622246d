import SaltireInstruments
import SaltireLinks
import SaltirePrograms

/// The execution of one program.
struct Run {
  let bench: LiveBench
  /// The currents measured so far, in amperes.
  private(set) var currents: [Double] = []
  /// The last step, which may be merged with the next.
  private var pending: HostStep?

  init(bench: LiveBench) { self.bench = bench }

  /// Performs a whole program, inside an instrument where possible.
  mutating func perform(program actions: [Action]) async throws(BenchError) {
    for part in bench.engine.parts(of: actions) {
      switch part {
      case .host(let actions):
        for action in actions { try await perform(HostStep.steps(of: action)) }
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

  private mutating func perform(_ steps: [HostStep]) async throws(BenchError) {
    for step in steps {
      if case .loop(let times, let body) = step {
        for _ in 0..<times { try await perform(body) }
      } else if let merged = pending?.merged(with: step) {
        pending = merged
      } else {
        try await finish()
        pending = step
      }
    }
  }

  /// Performs the pending step.
  private mutating func finish() async throws(BenchError) {
    guard let step = pending else { return }
    pending = nil
    if Task.isCancelled { throw .cancelled }
    switch step {
    case .wait(let seconds):
      try await bench.timed(waiting: seconds) { () async throws(LinkError) in
        try await bench.clock.wait(seconds)
      }
    case .exchanges(let exchanges):
      if exchanges.count > 1 { return try await perform(exchanges) }
      currents += try await exchanges[0].perform()
    case .loop: preconditionFailure("a loop must be performed one round at a time")
    }
  }

  /// Performs several exchanges concurrently, on different instruments.
  private func perform(_ exchanges: [Exchange]) async throws(BenchError) {
    typealias Outcome = Result<Void, BenchError>
    try await withTaskGroup(of: Outcome.self) { group in
      for exchange in exchanges {
        group.addTask {
          await Outcome { () async throws(BenchError) in _ = try await exchange.perform() }
        }
      }
      return await group.reduce(Outcome.success(())) { first, next in
        if case .success = first { next } else { first }
      }
    }.get()
  }
}

/// A step of the host: an action rendered as commands, once for all rounds of a loop.
private indirect enum HostStep {
  case wait(Double)
  /// Concurrently, on different instruments.
  case exchanges([Exchange])
  case loop(Int, [HostStep])

  static func steps(of action: Action) -> [HostStep] {
    switch action {
    case .wait(let seconds): [.wait(seconds)]
    case .operations(let operations): [.exchanges(Exchange.byInstrument(operations))]
    // Each by its own command, so that only the named generators start.
    case .fire(let firing):
      firing.generators.map { .exchanges([Exchange([Operation(.trigger, on: $0)])]) }
    case .loop(let times, let body, _): [.loop(times, body.flatMap(steps))]
    case .mark, .until: preconditionFailure("only scripts measure time")
    }
  }

  /// This step and the next as one, if that saves round trips without changing the result: waits,
  /// and exchanges with the same instrument.
  func merged(with next: HostStep) -> HostStep? {
    switch (self, next) {
    case (.wait(let first), .wait(let second)): .wait(first + second)
    case (.exchanges(let first), .exchanges(let second)) where first.count * second.count == 1:
      first[0].followed(by: second[0]).map { .exchanges([$0]) }
    default: nil
    }
  }
}

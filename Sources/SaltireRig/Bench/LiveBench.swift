import SaltireCore
public import SaltireInstruments
import SaltireLinks
public import SaltirePrograms
import Synchronization

/// A bench of instruments: turns programs into commands.
///
/// A row line's bias brackets the gate pulses of its array, and the drains follow the row, so that
/// no voltage drops along a channel. Ranges, limits and functions are set once, when the bench is
/// armed; between reads and pulses only levels change. Every batch of commands ends with an
/// error-queue query, which also confirms that the batch is complete: the order of batches is the
/// order of operations across instruments.
public final class LiveBench: Bench {
  public let wiring: Wiring
  let outputs: [Terminal: Output]
  let instruments: [String: Instrument]
  package let clock: any LabClock
  /// The engine that times programs.
  let engine: ProgramEngine
  /// The shortest pulse of each terminal.
  let shortestPulses: [Terminal: ShortestPulse]
  /// Whether generators count the pulses of a burst.
  let countsPulses: Bool
  /// Mains frequency in hertz.
  let mains: Double
  /// Checks every level that is sent.
  let check: ProgramCheck
  /// The trigger lines to generators.
  let lines: [TriggerLine]
  private let stepping: Stepping
  /// Performs programs.
  private let thread = ThreadExecutor(name: "bench")
  let state = Mutex(State())

  /// The channel of a terminal, with its instrument.
  struct Output: Sendable {
    let terminal: Terminal
    let instrument: Instrument
    let channel: Station.Channel
    /// Mains frequency in hertz, and the terminals in use, according to the bench file.
    let mains: Double
    let side: Station.Side

    var definition: Definition { instrument.definition }
    var isSourceMeter: Bool { definition.role == .sourceMeter }

    /// Refuses a level beyond the configured range of the channel.
    func hold(_ level: Double) throws(BenchError) {
      try BenchError.limited { () throws(LimitViolation) in
        try channel.limit.require(level, at: terminal.name)
      }
    }
  }

  struct State {
    var isPerforming = false
    var isArmed = false
    /// Whether anything but queries was sent to the instruments.
    var isTouched = false
    /// The settings last sent to the instruments, to avoid sending them twice.
    var settings = LiveSettings()
    /// The lab time at which the instruments were last known to be set as they were told.
    var verified = 0.0
    /// The lab time from which they are to be verified again.
    var verifiesAt = 0.0
  }

  /// A bench of instruments that are not yet connected or armed.
  ///
  /// - Parameters:
  ///   - wiring: the devices and their terminals.
  ///   - station: the channels behind the terminals.
  ///   - instruments: all instruments of the station, by name.
  ///   - clock: the lab clock of the instruments.
  ///   - stepping: receives the duration of each wait on the clock.
  public init(
    wiring: Wiring, station: Station, instruments: [Instrument], clock: any LabClock,
    stepping: Stepping = Stepping()
  ) {
    self.stepping = stepping
    self.wiring = wiring
    self.clock = clock
    let named = Dictionary(uniqueKeysWithValues: instruments.map { ($0.name, $0) })
    self.instruments = named
    var outputs: [Terminal: Output] = [:]
    for (terminal, channel) in station.channels {
      guard let instrument = named[channel.instrument] else { continue }
      outputs[terminal] = Output(
        terminal: terminal, instrument: instrument, channel: channel, mains: station.mains,
        side: station.entry(for: terminal)?.side ?? .front)
    }

    self.outputs = outputs
    shortestPulses = Dictionary(
      uniqueKeysWithValues: outputs.keys.compactMap { terminal in
        station.shortestPulse(on: terminal).map { (terminal, $0) }
      })
    countsPulses = station.engine == .best
    mains = station.mains
    check = ProgramCheck(limits: station.limits, wiring: wiring)
    engine = ProgramEngine(station, outputs)
    let timing = station.timing.map(\.name)
    lines = station.lines.compactMap { line in
      guard timing.contains(line.instrument) else { return nil }
      return named[line.instrument].flatMap { TriggerLine(line, $0) }
    }
  }

  // MARK: Performing

  public func prepare(_ program: Program) async throws(BenchError) -> PreparedProgram {
    let before = try state.withLock { (state: inout State) throws(BenchError) in
      guard state.isArmed else { throw .impossible("the bench is not armed") }
      return state.settings
    }
    let (actions, after) = try Lowering.actions(of: program, from: before, on: self)
    return PreparedProgram(Lowered(bench: self, actions: actions, before: before, after: after))
  }

  /// A lowered program.
  private struct Lowered: Performance {
    let bench: LiveBench
    let actions: [Action]
    /// The settings before and after it.
    let before: LiveSettings
    let after: LiveSettings

    func perform() async throws(BenchError) -> Observations {
      try await bench.perform(actions, from: before, to: after)
    }
  }

  /// Performs a lowered program.
  ///
  /// - Parameters:
  ///   - before: the settings when it was lowered.
  ///   - after: the settings that it leaves.
  private func perform(
    _ actions: [Action], from before: LiveSettings, to after: LiveSettings
  ) async throws(BenchError) -> Observations {
    try state.withLock { (state: inout State) throws(BenchError) in
      guard state.isArmed else { throw .impossible("the bench is not armed") }
      guard !state.isPerforming else { throw .busy }
      guard state.settings == before else {
        throw .impossible("the instruments' settings have changed since the program was prepared")
      }
      state.isPerforming = true
    }
    defer { state.withLock { $0.isPerforming = false } }
    do throws(BenchError) {
      return try await onThread { () async throws(BenchError) in
        var run = Run(bench: self)
        var start = try await self.time()
        if try await self.verify(at: start) { start = try await self.time() }
        try await run.perform(program: actions)
        let end = try await self.time()
        self.state.withLock { $0.settings = after }
        return Observations(start: start, duration: end - start, currents: run.currents)
      }
    } catch {
      // After a failure the settings are unknown.
      setArmed(false)
      throw error
    }
  }

  /// Programs end at idle; this also restores idle after anything else.
  public func idle() async throws(BenchError) {
    guard state.withLock({ $0.isArmed }) else { return }
    try await interruptible { () async throws(BenchError) in
      for output in self.safeOrder {
        _ = try await output.instrument.run(output.lines(.safe))
      }
    }
  }

  /// Runs `body` on the bench's thread, so that a call to an instrument need not change threads; if
  /// the task is cancelled, blocked link operations end at once.
  private func onThread<Value: Sendable>(
    _ body: () async throws(BenchError) -> Value
  ) async throws(BenchError) -> Value {
    try await withTaskExecutorPreference(thread) {
      await Result { () async throws(BenchError) in try await interruptible(body) }
    }.get()
  }

  /// Runs `body`; if the task is cancelled, blocked link operations end at once.
  func interruptible<Value: Sendable>(
    _ body: () async throws(BenchError) -> Value
  ) async throws(BenchError) -> Value {
    let instruments = instruments.values
    return try await withTaskCancellationHandler {
      await Result { () async throws(BenchError) in try await body() }
    } onCancel: {
      for instrument in instruments { instrument.interrupt() }
    }.get()
  }

  /// The lab time in seconds.
  ///
  /// - Throws: ``ClockFailure`` if the clock does not respond.
  package func time() async throws(BenchError) -> Double {
    try await timed { () async throws(LinkError) in try await clock.now() }
  }

  /// - Parameter seconds: the lab time that `body` takes; on the clock of a served lab it takes
  ///   none.
  func timed<Value>(
    waiting seconds: Double = 0, _ body: () async throws(LinkError) -> Value
  ) async throws(BenchError) -> Value {
    let wait = stepping.begin(within: seconds + 2 * clock.patience)
    defer { stepping.end(wait) }
    do throws(LinkError) {
      return try await body()
    } catch .interrupted {
      throw .cancelled
    } catch {
      throw .failed(ClockFailure(error))
    }
  }

  // MARK: State

  var isTouched: Bool { state.withLock { $0.isTouched } }

  /// From now on every instrument must be made safe.
  func touch() { state.withLock { $0.isTouched = true } }

  func setArmed(_ isArmed: Bool) {
    state.withLock {
      $0.isArmed = isArmed
      $0.settings = LiveSettings()
    }
  }
}

extension Instrument {
  /// ``perform(_:taking:)`` with errors as `BenchError`.
  nonisolated func run(_ lines: [Line], taking seconds: Double = 0) async throws(BenchError)
    -> [String]
  {
    try await onBench { () async throws(InstrumentError) in
      try await perform(lines, taking: seconds)
    }
  }

  /// Runs `body` with this instrument, with errors as `BenchError`. In a cancelled run, an
  /// interrupted link is a cancellation.
  nonisolated func onBench<Value: Sendable>(
    _ body: () async throws(InstrumentError) -> Value
  ) async throws(BenchError) -> Value {
    if Task.isCancelled { throw .cancelled }
    do throws(InstrumentError) {
      return try await body()
    } catch .link(.interrupted) {
      throw .cancelled
    } catch {
      throw .failed(InstrumentFailure(name, error))
    }
  }
}

extension Result {
  /// The result or the error of `body`.
  init(_ body: () async throws(Failure) -> Success) async {
    do throws(Failure) {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}

import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltireLearning
import SaltirePrograms
import SaltireRecords

/// One array of a training run, as measured in this session.
struct TrainedArray: Sendable {
  let settings: ArraySettings
  /// The conductance of weight 0 in siemens, one for each column.
  let references: [Double]
  /// Mean step of a pulse near the references, weight units.
  let step: Double

  var sites: [Wiring.Site] { settings.sites }
  /// Nil if the array has no row line.
  var row: Terminal? { settings.sites[0].row }
  /// The terminals whose currents a read of all columns measures.
  var meters: [Terminal] { row.map { [$0] } ?? sites.map(\.drain) }
}

/// The training: forward read, stochastic half-bias update of A (for SGD, of C) and, for SHD, the
/// transfer of one column of A to C every τ samples (Onen et al. 2022, M2 steps I, III, IV and V; a
/// single layer has no backward pass).
///
/// Updates are row and column trains. The number of pulses per device is not computed, except on a
/// bench without row lines: there each gate fires in the slots in which row and column coincide.
/// Every program contains the trains decided after the last read and the next read, so a sample
/// takes one round trip.
struct Descent {
  let training: TrainingSettings
  let targets: [Double]
  /// Siemens per weight unit: the gain of the read electronics, common to all devices.
  let scale: Double
  /// A; nil for stochastic gradient descent.
  let fast: TrainedArray?
  let core: TrainedArray
  let schedule: TransferSchedule
  /// The watch over the symmetry points of A; nil without one.
  var watch: SymmetryWatch?
  /// The subject of the tables of traces; nil to record none.
  let label: String?

  /// The results of monitoring reads, which the training does not use, and the progress.
  struct Traces {
    var fast: [[Double]]
    var core: [[Double]]
    var samples = 0
    var watch: WatchOutcome?
  }

  private var pulses: PulseSettings { training.pulses }
  private var columns: Int { core.sites.count }

  func run(in lab: inout Lab<some Bench>) async throws(BenchError) -> Traces {
    var traces = Traces(
      fast: [[Double]](repeating: [], count: fast == nil ? 0 : columns),
      core: [[Double]](repeating: [], count: columns))
    var log = Log(label: label, fast: fast, core: core)
    do throws(BenchError) {
      try await train(in: &lab, &traces, &log)
    } catch {
      // Records the traces so far, even after a failure; an error here must not hide the first one.
      try? log.flush(lab)
      throw error
    }
    try log.flush(lab)
    return traces
  }

  private func train(
    in lab: inout Lab<some Bench>, _ traces: inout Traces, _ log: inout Log
  ) async throws(BenchError) {
    var watch = watch
    var sample = training.draw(columns, &lab.random)
    var currents = try await lab.perform(
      Program(monitorReads + [forwardRead(sample.inputs)])
    ).currents[...]
    try record(&currents, at: 0, into: &traces, &log, lab)

    for k in 1...training.samples {
      let error = output(currents, sample.inputs) - target(sample)
      log.errors += [Double(k), error]
      var steps = update(fast ?? core, inputs: sample.inputs, ascent: -error, &lab.random)
      let monitors = k % training.monitor == 0
      if monitors { steps += monitorReads }
      if let fast {
        for column in schedule.columns(after: k) {
          steps.append(read(fast, column: column))
          currents = try await lab.perform(Program(steps)).currents[...]
          if currents.count > 1 { try record(&currents, at: k, into: &traces, &log, lab) }
          let gathered = weight(currents, fast, column)
          var unit = [Double](repeating: 0, count: columns)
          unit[column] = 1
          steps = update(core, inputs: unit, ascent: gathered, &lab.random)
        }
      }
      traces.samples = k
      // A check takes long, so the next forward read follows it.
      let isDue = watch?.isDue(after: k) == true
      let goesOn = k < training.samples && !isDue
      if k < training.samples { sample = training.draw(columns, &lab.random) }
      if goesOn { steps.append(forwardRead(sample.inputs)) }
      if !steps.isEmpty {
        currents = try await lab.perform(Program(steps)).currents[...]
        // The last read is the forward read of the next sample.
        if currents.count > (goesOn ? core.meters.count : 0) {
          try record(&currents, at: k, into: &traces, &log, lab)
        }
      }
      if log.isFull { try log.flush(lab) }
      guard isDue, watch != nil else { continue }
      try await watch?.check(after: k, in: &lab)
      traces.watch = watch?.outcome
      if watch?.hasStopped == true { return }
      if k < training.samples {
        currents = try await lab.perform(Program([forwardRead(sample.inputs)])).currents[...]
      }
    }
  }

  // MARK: Arithmetic, weight units

  /// y = Σ (C − R) x from the row's current.
  private func output(_ currents: ArraySlice<Double>, _ inputs: [Double]) -> Double {
    let sign = core.sites[0].meterSign
    let sum = sign * currents.reduce(0, +) / pulses.readVoltage.value
    let offset = zip(core.references, inputs).reduce(0) { $0 + $1.0 * $1.1 }
    return (sum - offset) / scale
  }

  private func target(_ sample: (inputs: [Double], noise: Double)) -> Double {
    zip(targets, sample.inputs).reduce(sample.noise) { $0 + $1.0 * $1.1 }
  }

  /// (G − R)/g_u of one column from a one-hot read.
  private func weight(
    _ currents: ArraySlice<Double>, _ array: TrainedArray, _ column: Int
  ) -> Double {
    (pulses.conductance(currents.first ?? 0, of: array.sites[column]) - array.references[column])
      / scale
  }

  // MARK: Programs

  /// The trains of `w ← w + rate · ascent · inputs`, followed by the settling time.
  private func update(
    _ array: TrainedArray, inputs: [Double], ascent: Double, _ random: inout RandomStream
  ) -> [Step] {
    let train = array.settings.management.train(
      rate: array.settings.rate, largestInput: inputs.reduce(0) { max($0, abs($1)) },
      largestError: abs(ascent), granularity: array.step)
    let phases = HalfBiasPhase.phases(
      inputs: inputs, ascent: [ascent], train: train, random: &random)
    if phases.isEmpty { return [] }
    return phases.map { phase in
      .train(
        PulseTrain(
          slots: train.length, width: pulses.width.value, gap: pulses.gap,
          lines: lines(of: phase, array)))
    } + [.rest(pulses.settle)]
  }

  /// Half of the pulse on the row and half on the gates; without a row line, all of it on the
  /// gates.
  private func lines(of phase: HalfBiasPhase, _ array: TrainedArray) -> [PulseTrain.Line] {
    let level = pulses.level(phase.direction)
    guard let row = array.row else {
      return phase.columns.map { column in
        let fires = phase.rows[0].train.coincidences(with: column.train)
        return PulseTrain.Line(array.sites[column.index].gate, level: level, fires: fires)
      }
    }
    return phase.rows.map { PulseTrain.Line(row, level: -level / 2, fires: $0.train) }
      + phase.columns.map {
        PulseTrain.Line(array.sites[$0.index].gate, level: level / 2, fires: $0.train)
      }
  }

  /// Inputs as drain voltages; the output is the current of the row.
  private func forwardRead(_ inputs: [Double]) -> Step {
    .read(
      Reading(
        drives: zip(core.sites, inputs).map {
          .init($0.drain, level: $1 * pulses.readVoltage.value)
        }, measures: core.meters, integration: pulses.integration))
  }

  /// A read of one column; all terminals that a read does not name are driven to 0 V.
  private func read(_ array: TrainedArray, column: Int) -> Step {
    pulses.read(array.sites[column])
  }

  private var monitorReads: [Step] {
    (fast?.sites ?? []).map { pulses.read($0) } + core.sites.map { pulses.read($0) }
  }

  // MARK: Traces

  /// Removes the monitoring reads from the front of `currents`.
  private func record(
    _ currents: inout ArraySlice<Double>, at k: Int, into traces: inout Traces,
    _ log: inout Log, _ lab: Lab<some Bench>
  ) throws(BenchError) {
    var row = [Double(k)]
    if let fast {
      for column in 0..<columns {
        let value = weight(currents, fast, column)
        currents.removeFirst()
        traces.fast[column].append(value)
        row.append(value)
      }
    }
    for column in 0..<columns {
      let value = weight(currents, core, column)
      currents.removeFirst()
      traces.core[column].append(value)
      row.append(value)
    }
    log.weights += row
  }
}

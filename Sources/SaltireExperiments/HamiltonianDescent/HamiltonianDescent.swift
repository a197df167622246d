import SaltireAnalysis
public import SaltireCore
public import SaltireFigures
import SaltireLearning
public import SaltirePrograms
import SaltireRecords

/// Stochastic Hamiltonian Descent (SHD) on real devices, from characterisation through
/// zero-shifting to training (Onen et al. 2022, Fig. 3).
public struct HamiltonianDescent: Experiment {
  public struct Parameters: ProtocolDecodable {
    /// The reference that C is read against.
    enum CoreReference: String, CaseIterable, Sendable {
      /// C uses the references of A: three arrays in total.
      case shared
      /// C has its own references: four arrays.
      case own
    }

    let training: TrainingSettings
    let fast: ArraySettings
    let core: ArraySettings
    let coreReference: CoreReference
    let schedule: TransferSchedule
    /// Nil without a watch. One-parameter runs have none, because each replica would need its own.
    let watch: WatchSettings?

    public static let keys = Keys.all + [WatchSettings.Keys.watch]

    enum Keys {
      static let all: [any DeclaredKey] =
        TrainingSettings.Keys.all + [
          coreReference, ArraySettings.Keys.fast, ArraySettings.Keys.core, transfer,
        ]
      static let coreReference = Key.choice(
        "core_reference", default: CoreReference.shared,
        "C is read against A's references, or against its own.")
      static let transfer = SectionKey(
        "transfer", "How array A moves into C.", [period, allColumns])
      static let period = Key.count(
        "period", in: 1...1_000_000, "Samples from one column's transfer to the next.")
      static let allColumns = Key.flag(
        "all_columns", default: false, "Transfer all columns each time.")
    }

    public init(_ reader: Reader, wiring: Wiring) {
      self.init(reader, wiring: wiring, oneParameter: false)
    }

    /// A one-parameter run accepts any number of targets.
    init(_ reader: Reader, wiring: Wiring, oneParameter: Bool) {
      training = TrainingSettings(reader)
      fast = ArraySettings(reader, ArraySettings.Keys.fast, wiring: wiring)
      core = ArraySettings(reader, ArraySettings.Keys.core, wiring: wiring)
      coreReference = reader[Keys.coreReference].value
      let transfer = reader.section(Keys.transfer)
      schedule = TransferSchedule(
        period: transfer[Keys.period].value, inputs: core.sites.count,
        allColumns: transfer[Keys.allColumns].value)
      watch = oneParameter ? nil : WatchSettings(reader, training: training)
      if fast.sites.count != core.sites.count {
        reader.conclude(
          Diagnostic(
            "arrays A and C must have the same number of devices, but have"
              + " \(fast.sites.count) and \(core.sites.count)", at: reader.location))
      } else if let row = fast.sites.first?.row, row == core.sites.first?.row {
        reader.conclude(
          Diagnostic("arrays A and C must not share the row \(row)", at: reader.location))
      }
      if oneParameter {
        reader.expectOneDevice(core)
      } else {
        training.expectTargets(for: core.sites, reader)
      }
    }

    public var demands: [Demand] {
      training.demands(on: fast.sites + core.sites)
        + (watch.map { [$0.demand(devices: fast.sites.count, samples: training.samples)] } ?? [])
    }

    public var preflight: [Step] { training.pulses.preflight(fast.sites + core.sites) }

    var constants: HamiltonianConstants {
      HamiltonianConstants(
        fastRate: fast.rate, coreRate: core.rate, inputPower: training.inputs.power,
        schedule: schedule)
    }

    /// The training on prepared devices.
    func descent(
      _ prepared: PreparedDevices, targets: [Double], label: String?
    ) -> Descent {
      let scale = prepared.scale(of: fast.sites + core.sites)
      return Descent(
        training: training, targets: targets, scale: scale,
        fast: prepared.array(fast, references: fast.sites, scale: scale),
        core: prepared.array(
          core, references: coreReference == .shared ? fast.sites : core.sites, scale: scale),
        schedule: schedule,
        watch: watch.map {
          prepared.watch($0, over: fast.sites, pulses: training.pulses, scale: scale)
        }, label: label)
    }
  }

  public static let name = "shd"

  public init() {}

  public func run(
    _ parameters: Parameters, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> TrainingOutcome {
    let sites = parameters.fast.sites + parameters.core.sites
    let prepared = try await lab.prepare(sites, parameters.training)
    var outcome = TrainingOutcome(devices: prepared.outcomes)
    guard prepared.isReady(sites) else { return outcome }
    try lab.note(.phase("training"))
    let targets = parameters.training.targets
    let descent = parameters.descent(prepared, targets: targets, label: "")
    let traces = try await descent.run(in: &lab)
    let metrics = SpiralMetrics(
      core: traces.core, fast: traces.fast, targets: targets, aspect: parameters.constants.aspect,
      interval: parameters.training.monitor)
    outcome.add(
      metrics, targets: targets, training: parameters.training, sites: parameters.core.sites,
      samples: traces.samples)
    outcome.judge(prepared.reach(of: descent))
    outcome.watch = traces.watch
    if let stop = traces.watch?.stop { outcome.verdict = .symmetryPointsMoved(stop: stop) }
    return outcome
  }

  public static func sections(of run: RecordedRun<TrainingOutcome>) -> [HTMLReport.Section] {
    TrainingSummary.sections(run, more: run.outcome?.watch.map { [$0.table] } ?? [])
  }

  public static func figures(of run: RecordedRun<TrainingOutcome>) -> [NamedFigure] {
    TrainingFigures.all(of: run) + WatchFigure.all(of: run.notebook)
  }

  public static func summary(of outcome: TrainingOutcome) -> [String] {
    TrainingSummary.lines(outcome) + (outcome.watch.map { [$0.summary] } ?? [])
  }
}

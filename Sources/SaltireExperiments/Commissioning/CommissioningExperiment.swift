import SaltireCore
public import SaltirePrograms
import SaltireRecords

/// Shows what a bench's leads are connected to, before a device is.
///
/// Every terminal in turn is at a small level while the others are at 0 V and all meters read. The
/// currents are compared with those of the resistors in place of the devices.
public struct CommissioningExperiment: Experiment {
  public typealias Parameters = CommissioningSettings

  public static let name = "commissioning"

  public init() {}

  public func run(
    _ settings: CommissioningSettings, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> CommissioningOutcome {
    if lab.wiring.ratings.isEmpty {
      throw .impossible("a bench of device models has no instruments to commission")
    }
    var run = CommissioningRun(settings, lab.wiring)
    try await run.readMeters(&lab)
    if try await run.readMatrix(&lab) {
      try await run.settle(&lab)
      try await run.time(&lab)
    }
    return run.outcome
  }
}

/// A commissioning in progress.
struct CommissioningRun {
  private let settings: CommissioningSettings
  private let wiring: Wiring
  private let leads: [Lead]
  /// The indices of terminals that have a meter.
  private let meters: [Int]
  private(set) var outcome: CommissioningOutcome

  /// How often a level is read, and how many of the last reads count: the line may be slow.
  private static let (reads, settled) = (8, 2)

  init(_ settings: CommissioningSettings, _ wiring: Wiring) {
    self.settings = settings
    self.wiring = wiring
    leads = wiring.terminals.map {
      Lead(terminal: $0.name, channel: wiring.ratings[$0]?.name ?? "none")
    }
    meters = wiring.terminals.indices.filter {
      wiring.ratings[wiring.terminals[$0]]?.current != nil
    }
    outcome = CommissioningOutcome(
      connected: settings.connected, meters: [], faults: [], unseen: [], settling: [:],
      settle: settings.settle, integration: settings.integration)
  }

  private func limit(_ terminal: Int) -> Double {
    wiring.ratings[wiring.terminals[terminal]]?.current ?? .infinity
  }

  private func read(_ meters: [Int], driving terminal: Int? = nil, at level: Double = 0) -> Step {
    .read(
      Reading(
        drives: terminal.map { [.init(wiring.terminals[$0], level: level)] } ?? [],
        measures: meters.map { wiring.terminals[$0] }, integration: settings.integration))
  }

  // MARK: Meters

  /// Reads all meters with every terminal at 0 V.
  mutating func readMeters(_ lab: inout Lab<some Bench>) async throws(BenchError) {
    try lab.note(.phase("offset and noise"))
    let currents = try await lab.perform(Program([.repeat(settings.reads, [read(meters)])]))
      .currents
    for (place, meter) in meters.enumerated() {
      let own = stride(from: place, to: currents.count, by: meters.count).map { currents[$0] }
      let mean = own.reduce(0, +) / Double(own.count)
      let squares = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let noise = (squares / Double(own.count - 1)).squareRoot()
      let limit = limit(meter)
      outcome.meters.append(
        MeterOutcome(lead: leads[meter], limit: limit, offset: mean, noise: noise))
      // 1 % of the range hides currents that a read of a few states must tell apart.
      if noise > 0.01 * limit {
        outcome.faults.append(.noise(leads[meter], measured: noise, most: 0.01 * limit))
      }
      let most = 0.01 * limit + 5 * noise / Double(own.count).squareRoot()
      if abs(mean) > most {
        outcome.faults.append(.offset(leads[meter], measured: mean, most: most))
      }
    }
  }

  // MARK: Matrix

  /// Reads the currents with each terminal driven in turn, and finds what is wrong.
  ///
  /// - Returns: whether the bench can go on.
  mutating func readMatrix(_ lab: inout Lab<some Bench>) async throws(BenchError) -> Bool {
    var noise = [Double](repeating: 0, count: leads.count)
    for (place, meter) in meters.enumerated() {
      noise[meter] = outcome.meters[place].noise / Double(2 * Self.settled).squareRoot()
    }
    var diagnosis = WiringDiagnosis(
      leads: leads, meters: meters, branches: stated, tolerance: settings.tolerance, noise: noise)
    var measured = ConductanceMatrix(count: leads.count)
    for terminal in leads.indices {
      try lab.note(.phase("matrix \(leads[terminal].terminal)"))
      let level = level(for: terminal, diagnosis.expected)
      diagnosis.levels.append(level)
      let order = meters.filter { $0 != terminal } + meters.filter { $0 == terminal }
      if let fault = lab.recorded(.overload, of: leads[terminal].terminal) {
        outcome.faults.append(fault)
        return false
      }
      do throws(BenchError) {
        let found = try await conductances(&lab, terminal, order, level)
        for (meter, value) in zip(order, found) { measured[terminal, meter] = value }
      } catch .limit(let violation) where violation.kind.isMeasured {
        let fault = fault(violation, driven: terminal, level: level)
        outcome.faults.append(fault)
        // The bench does not perform a program again that it ended itself.
        if [.compliance, .overflow].contains(violation.kind) {
          try lab.note(.overload(fault, of: leads[terminal].terminal))
        }
        return false
      }
      try record(MatrixTable.self, terminal, level, measured, in: lab)
    }
    if settings.connected == .devices { addDevices(to: &diagnosis, measured) }
    for terminal in leads.indices {
      try record(
        ExpectedTable.self, terminal, diagnosis.levels[terminal], diagnosis.expected, in: lab)
    }
    outcome.unseen = diagnosis.unseen
    if let fault = diagnosis.fault(in: measured) { outcome.faults.append(fault) }
    return true
  }

  /// Records the currents with one terminal driven.
  private func record<Columns: RecordedTable>(
    _ type: Columns.Type, _ terminal: Int, _ level: Double, _ matrix: ConductanceMatrix,
    in lab: Lab<some Bench>
  ) throws(BenchError) {
    try lab.record(
      type, of: leads[terminal].terminal,
      more: meters.map { .init(leads[$0].terminal, unit: "A") },
      [level] + meters.map { matrix[terminal, $0] * level })
  }

  /// The resistors that are stated to be in place of the devices.
  private var stated: [ConductanceMatrix.Branch] {
    zip(wiring.sites, settings.resistors).flatMap { site, ohms -> [ConductanceMatrix.Branch] in
      guard let drain = index(site.drain), let gate = index(site.gate) else { return [] }
      return [
        .init(from: drain, to: site.row.flatMap(index), siemens: 1 / ohms),
        .init(from: gate, to: drain, siemens: 1 / ohms),
      ]
    }
  }

  private func index(_ terminal: Terminal) -> Int? { wiring.terminals.firstIndex(of: terminal) }

  /// The level that keeps every current below two fifths of its limit, at most the one of the
  /// protocol.
  private func level(for terminal: Int, _ expected: ConductanceMatrix) -> Double {
    meters.reduce(settings.level.value) { level, meter in
      min(level, 0.4 * limit(meter) / max(abs(expected[terminal, meter]), 1e-30))
    }
  }

  /// The currents for each volt at both signs of a level, in siemens.
  private func conductances(
    _ lab: inout Lab<some Bench>, _ terminal: Int, _ order: [Int], _ level: Double
  ) async throws(BenchError) -> [Double] {
    let currents = try await lab.perform(
      Program(
        [level, -level].map {
          .repeat(Self.reads, [read(order, driving: terminal, at: $0)])
        })
    ).currents
    let half = Self.reads * order.count
    return order.indices.map { place in
      let sum = (0..<Self.settled).reduce(0.0) { sum, read in
        let index = (Self.reads - 1 - read) * order.count + place
        return sum + currents[index] - currents[half + index]
      }
      return sum / (2 * level * Double(Self.settled))
    }
  }

  /// What a reading beyond a limit says of the wiring.
  private func fault(
    _ violation: LimitViolation, driven: Int, level: Double
  ) -> CommissioningFault {
    if [.conductance, .leak].contains(violation.kind) {
      return .beyondLimits(
        device: violation.place ?? "", leads[driven], isLeak: violation.kind == .leak,
        measured: violation.value, bound: violation.limit)
    }
    let place = leads.indices.first { leads[$0].terminal == violation.place } ?? driven
    return .overload(
      leads[place], driven: leads[driven], level: level, limit: limit(place),
      // Terminals before it were driven without an overload.
      candidates: leads.dropFirst(driven + 1).map(\.terminal))
  }

  /// The channels of the devices, as their drains measure them; a gate must not conduct.
  private mutating func addDevices(
    to diagnosis: inout WiringDiagnosis, _ measured: ConductanceMatrix
  ) {
    for site in wiring.sites {
      guard let drain = index(site.drain) else { continue }
      let siemens = -measured[drain, drain]
      let (level, least) = (diagnosis.levels[drain], 5 * diagnosis.noise[drain])
      if siemens * level < least {
        outcome.faults.append(
          .silent(
            device: site.device, leads[drain], level: level, measured: siemens * level,
            least: least))
      } else {
        diagnosis.branches.append(
          .init(from: drain, to: site.row.flatMap(index), siemens: siemens))
      }
    }
  }

  // MARK: Times

  /// Reads every device after a pulse until its reads have settled.
  mutating func settle(_ lab: inout Lab<some Bench>) async throws(BenchError) {
    // Slow lines of other devices come to rest meanwhile.
    let (reads, rest) = (50, 1.0)
    for site in wiring.sites {
      guard let drain = index(site.drain), let meter = index(site.meter) else { continue }
      try lab.note(.phase("settling \(site.device)"))
      let level = level(for: drain, ConductanceMatrix(stated, count: leads.count))
      let seen = try await lab.perform(
        Program([
          .rest(rest), .pulse(site.gate, level: level, width: settings.width.value),
          .repeat(reads, [read([meter], driving: drain, at: level)]),
        ]))
      let each = (seen.duration - rest - settings.width.value) / Double(reads)
      let currents = seen.currents
      try lab.record(
        SettlingTable.self, of: site.device,
        currents.enumerated().flatMap { [Double($0 + 1) * each, $1] })
      let tail = currents.suffix(10)
      let final = tail.reduce(0, +) / Double(tail.count)
      let noise = outcome.meters.first { $0.lead == leads[meter] }?.noise ?? 0
      if abs(final) < 5 * noise { continue }
      // The noise is known from few reads, and many are compared with it.
      let allowed = max(0.02 * abs(final), 6 * noise)
      let unsettled = currents.lastIndex { abs($0 - final) > allowed }
      let settles = unsettled.map { Double($0 + 1) * each } ?? 0
      outcome.settling[site.device] = settles
      if settles > settings.settle {
        outcome.faults.append(
          .slow(
            device: site.device, leads[meter], settles: settles, settle: settings.settle))
      }
    }
  }

  /// Measures the time of a level and a read, as an experiment without batches takes it.
  mutating func time(_ lab: inout Lab<some Bench>) async throws(BenchError) {
    guard let site = wiring.sites.first, let drain = index(site.drain),
      let meter = index(site.meter)
    else { return }
    try lab.note(.phase("time of a step"))
    let level = level(for: drain, ConductanceMatrix(stated, count: leads.count))
    let begin = lab.time
    let steps = 10
    for _ in 0..<steps {
      _ = try await lab.perform(Program([read([meter], driving: drain, at: level)]))
    }
    outcome.step = (lab.time - begin) / Double(steps)
  }
}

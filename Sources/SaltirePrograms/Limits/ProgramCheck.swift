import SaltireCore

/// Checks programs, and the levels they are lowered to, against limits.
package struct ProgramCheck: Sendable {
  package let limits: Limits
  package let wiring: Wiring
  /// The devices with their limits, looked up once.
  private let sites: [Held]

  /// A device with the limits of its terminals.
  private struct Held {
    let site: Wiring.Site
    let gate: Limit?
    let step: Limit?
    let width: Limit?
    let duty: Limit?
    let drain: Limit?

    init(_ site: Wiring.Site, _ limits: Limits) {
      self.site = site
      (gate, step) = (limits.limit(.gateVoltage), limits.limit(.gateStep))
      (width, duty) = (limits.limit(.pulseWidth), limits.limit(.duty))
      drain = limits.limit(.drainVoltage)
    }
  }

  package init(limits: Limits, wiring: Wiring) {
    self.limits = limits
    self.wiring = wiring
    sites = wiring.sites.map { Held($0, limits.of($0.device)) }
  }

  /// Refuses the first step beyond a limit.
  ///
  /// The level of every line counts, alone and combined with the others, whatever its bit train: a
  /// bit train must not be the only protection of a device, and either line may fail. At the edges
  /// of a bracket the row changes before the gate, and the drains before or after the row.
  package func check(_ steps: [Step]) throws(BenchError) {
    for step in steps {
      switch step {
      case .train(let train):
        guard train.slots >= 0, train.gap >= 0, train.gap.isFinite else {
          throw .impossible("a train of \(train.slots) pulses, \(train.gap) s apart")
        }
        try BenchError.limited { () throws(LimitViolation) in try check(train) }
      case .read(let reading):
        guard reading.integration > 0, reading.integration.isFinite else {
          throw .impossible("a read of \(reading.integration) s")
        }
        try BenchError.limited { () throws(LimitViolation) in try check(reading) }
      case .rest(let seconds):
        guard seconds >= 0, seconds.isFinite else { throw .impossible("a rest of \(seconds) s") }
      case .repeat(let times, let body):
        guard times >= 0 else { throw .impossible("a repeat of \(times) times") }
        try check(body)
      }
    }
  }

  /// Refuses a program whose pulses follow each other too closely, within a train or between
  /// trains. The device is at rest before the program.
  package func checkDuty(_ program: Program) throws(BenchError) {
    try BenchError.limited { () throws(LimitViolation) in
      for held in sites {
        guard let duty = held.duty else { continue }
        let own = [held.site.gate, held.site.row, held.site.drain]
        let pace = Pace(program.steps) { $0.lines.contains { own.contains($0.terminal) } }
        try duty.require(pace.duty, at: held.site.device)
      }
    }
  }

  private func check(_ train: PulseTrain) throws(LimitViolation) {
    func levels(_ terminal: Terminal?) -> [Double] {
      train.lines.lazy.filter { $0.terminal == terminal }.map(\.level)
    }
    for held in sites {
      let site = held.site
      let (gate, row, drain) = (levels(site.gate), levels(site.row), levels(site.drain))
      if gate.isEmpty, row.isEmpty, drain.isEmpty { continue }
      // A drain follows its row; a drain that is pulsed itself sees the row at rest.
      for level in drain { try held.drain?.require(level, at: site.drain.name) }
      try hold(held, gate: gate, others: row + drain)
      // A width of 0, a negative one and NaN exceed every limit.
      try held.width?.require(train.width > 0 ? train.width : .nan)
    }
  }

  private func check(_ reading: Reading) throws(LimitViolation) {
    func levels(_ terminal: Terminal?) -> [Double] {
      reading.drives.lazy.filter { $0.terminal == terminal }.map(\.level)
    }
    for held in sites {
      let site = held.site
      let (gate, row, drain) = (levels(site.gate), levels(site.row), levels(site.drain))
      for (terminal, levels) in [(site.drain, drain), (site.row, row), (site.gate, gate)] {
        for level in levels { try held.drain?.require(level, at: terminal?.name) }
      }
      for drain in drain {
        for row in row { try held.drain?.require(drain - row, at: site.device) }
      }
      try hold(held, gate: gate, others: row + drain)
    }
  }

  /// Checks the gate of the device at this index against the limits of its channel, at each of
  /// these levels and at 0 V.
  package func hold(
    _ site: Int, gate: [Double], others: [Double]
  ) throws(LimitViolation) {
    try hold(sites[site], gate: gate, others: others)
  }

  private func hold(
    _ held: Held, gate: [Double], others: [Double]
  ) throws(LimitViolation) {
    let site = held.site
    for gate in [0] + gate {
      for other in [0] + others {
        try held.gate?.require(
          gate - other,
          at: other == 0 ? site.gate.name : gate == 0 ? site.row?.name : site.device)
        try held.step?.require(gate - other, at: site.device)
      }
    }
  }

  /// The maximum charge that a program can send into the gates, in coulombs.
  package func charge(_ program: Program) -> Double {
    let doses = program.doses(on: wiring)
    return wiring.sites.reduce(0) { total, site in
      total + (limits.gateCurrents[site.gate] ?? 0) * (doses[site.device]?.seconds ?? 0)
    }
  }
}

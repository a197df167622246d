import SaltireCore

/// Holds programs, and what they are lowered to, against limits.
package struct ProgramCheck: Sendable {
  package let limits: Limits
  package let wiring: Wiring

  package init(limits: Limits, wiring: Wiring) {
    self.limits = limits
    self.wiring = wiring
  }

  /// Refuses the first step beyond a limit.
  ///
  /// Every line's level counts, alone and with the others, whatever the trains
  /// say: a bit train must never be what keeps a device alive, and either line
  /// may fail. At the edges of a bracket the row is there before the gate, and
  /// the drains before or after the row.
  package func check(_ steps: [Step]) throws(BenchError) {
    for step in steps {
      switch step {
      case .train(let train):
        guard train.slots >= 0, train.gap >= 0, train.gap.isFinite else {
          throw .impossible("a train of \(train.slots) pulses, \(train.gap) s apart")
        }
        try limited { () throws(LimitViolation) in try check(train) }
      case .read(let reading):
        guard reading.integration > 0, reading.integration.isFinite else {
          throw .impossible("a read of \(reading.integration) s")
        }
        try limited { () throws(LimitViolation) in try check(reading) }
      case .rest(let seconds):
        guard seconds >= 0, seconds.isFinite else { throw .impossible("a rest of \(seconds) s") }
      case .repeat(let times, let body):
        guard times >= 0 else { throw .impossible("a repeat of \(times) times") }
        try check(body)
      }
    }
  }

  /// Refuses a program whose pulses follow each other too closely, within a train or
  /// from one to the next. What is before the program is at rest.
  package func checkDuty(_ program: Program) throws(BenchError) {
    try limited { () throws(LimitViolation) in
      for site in wiring.sites {
        guard let duty = limits.of(site.device).duty else { continue }
        let own = [site.gate, site.row, site.drain]
        let pace = Pace(program.steps) { $0.lines.contains { own.contains($0.terminal) } }
        try hold(pace.duty, within: duty, .duty, site.device)
      }
    }
  }

  private func limited(_ body: () throws(LimitViolation) -> Void) throws(BenchError) {
    do throws(LimitViolation) { try body() } catch { throw .limit(error) }
  }

  private func check(_ train: PulseTrain) throws(LimitViolation) {
    func levels(_ terminal: Terminal?) -> [Double] {
      train.lines.lazy.filter { $0.terminal == terminal }.map(\.level)
    }
    for site in wiring.sites {
      let own = limits.of(site.device)
      let (gate, row, drain) = (levels(site.gate), levels(site.row), levels(site.drain))
      if gate.isEmpty, row.isEmpty, drain.isEmpty { continue }
      // A drain follows its row; one that is pulsed itself meets a row that stays.
      for level in drain {
        try hold(level, within: own.drainVoltage, .drainVoltage, site.drain.name)
      }
      try hold(site, gate: gate, others: row + drain)
      // What is no length is no shorter than the longest either.
      let width = train.width > 0 ? train.width : .nan
      try hold(width, within: own.pulseWidth, .pulseWidth, nil)
    }
  }

  private func check(_ reading: Reading) throws(LimitViolation) {
    func levels(_ terminal: Terminal?) -> [Double] {
      reading.drives.lazy.filter { $0.terminal == terminal }.map(\.level)
    }
    for site in wiring.sites {
      let limit = limits.of(site.device).drainVoltage
      let (gate, row, drain) = (levels(site.gate), levels(site.row), levels(site.drain))
      for (terminal, levels) in [(site.drain, drain), (site.row, row), (site.gate, gate)] {
        for level in levels { try hold(level, within: limit, .drainVoltage, terminal?.name) }
      }
      for drain in drain {
        for row in row { try hold(drain - row, within: limit, .drainVoltage, site.device) }
      }
      try hold(site, gate: gate, others: row + drain)
    }
  }

  /// Holds a device's gate against the ends of its channel: at any of these
  /// levels or at 0 V, each by itself.
  package func hold(
    _ site: Wiring.Site, gate: [Double], others: [Double]
  ) throws(LimitViolation) {
    let own = limits.of(site.device)
    let window = own.gateWindow
    for gate in [0] + gate {
      for other in [0] + others {
        let voltage = gate - other
        if let end = window.end(before: voltage) {
          throw LimitViolation(
            kind: .gateVoltage, value: abs(voltage), limit: abs(end.value),
            place: other == 0 ? site.gate.name : gate == 0 ? site.row?.name : site.device,
            location: end.location)
        }
        if let step = own.gateStep { try hold(voltage, within: step, .gateStep, site.device) }
      }
    }
  }

  private func hold(
    _ value: Double, within limit: Located<Double>, _ kind: LimitViolation.Kind, _ place: String?
  ) throws(LimitViolation) {
    if abs(value) <= limit.value { return }
    throw LimitViolation(
      kind: kind, value: abs(value), limit: limit.value, place: place, location: limit.location)
  }

  /// The most charge that a program can send into the gates, coulombs.
  package func charge(_ program: Program) -> Double {
    let doses = program.doses(on: wiring)
    return wiring.sites.reduce(0) { total, site in
      total + (limits.gateCurrents[site.gate] ?? 0) * (doses[site.device]?.seconds ?? 0)
    }
  }
}

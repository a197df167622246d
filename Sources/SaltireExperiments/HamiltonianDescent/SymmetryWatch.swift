import SaltireAnalysis
import SaltireCore
import SaltirePrograms
import SaltireRecords

/// The checks of a device.
enum WatchTable: String, RecordedTable {
  case sample, drift, error, tolerance

  static let name = "watch"
}

/// Supervises the symmetry points of array A during training. Training succeeds only while they
/// stay at the references (Onen et al. 2022), and the training itself does not reveal a drift.
///
/// A check applies a train of up–down pairs to each device from its present conductance, estimates
/// the limit of that train, and compares it with the reference. A check has a cost: the pairs pull
/// the device towards its symmetry point, so only the fraction `contraction` to the power of the
/// number of pairs remains of the accumulated gradient.
struct SymmetryWatch: Sendable {
  /// A device of array A.
  struct Device: Sendable {
    let site: Wiring.Site
    /// Siemens.
    let reference: Double
    let statistics: PairStatistics
  }

  let settings: WatchSettings
  let pulses: PulseSettings
  let devices: [Device]
  /// Siemens per weight unit.
  let scale: Double
  private(set) var outcome: WatchOutcome

  init(_ settings: WatchSettings, pulses: PulseSettings, devices: [Device], scale: Double) {
    self.settings = settings
    self.pulses = pulses
    self.devices = devices
    self.scale = scale
    outcome = WatchOutcome(tolerance: settings.tolerance.value)
  }

  /// Whether a check follows sample `k`.
  func isDue(after k: Int) -> Bool { k % settings.every.value == 0 }

  /// Whether training must end.
  var hasStopped: Bool { outcome.stop != nil }

  /// Checks all devices after sample `k` and applies the policy.
  mutating func check(after k: Int, in lab: inout Lab<some Bench>) async throws(BenchError) {
    var beyond: [Device] = []
    var stop = WatchOutcome.Stop(beyond: [:], tolerance: settings.tolerance.value)
    for device in devices {
      let check = try await check(device, after: k, in: &lab)
      guard check.finding == .beyond else { continue }
      beyond.append(device)
      stop.beyond[device.site.device] = check
    }
    if beyond.isEmpty { return }
    switch settings.policy {
    case .warn: lab.warn(stop.text)
    case .stop: outcome.stop = stop
    case .pause:
      lab.warn(stop.text)
      if try await !recover(beyond, after: k, in: &lab) {
        (stop.rests, stop.rest) = (settings.tries, settings.rest)
        outcome.stop = stop
      }
    }
  }

  /// Rests until a check finds every device back within the tolerance; an undecided check is not
  /// enough.
  private mutating func recover(
    _ beyond: [Device], after k: Int, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> Bool {
    var left = beyond
    for _ in 0..<settings.tries {
      try lab.note(.phase("rest of \(left.map(\.site.device).joined(separator: ", "))"))
      _ = try await lab.perform(Program([.rest(settings.rest)]))
      var still: [Device] = []
      for device in left {
        let check = try await check(device, after: k, in: &lab)
        if check.finding != .within { still.append(device) }
      }
      left = still
      if left.isEmpty {
        try lab.note(.phase("training"))
        return true
      }
    }
    return false
  }

  /// Applies one train of pairs and estimates its limit.
  private mutating func check(
    _ device: Device, after k: Int, in lab: inout Lab<some Bench>
  ) async throws(BenchError) -> WatchOutcome.Check {
    var means: [Double] = []
    let begin = lab.time
    while means.count < settings.pairs {
      let reads = try await lab.pairs(device.site, min(50, settings.pairs - means.count), pulses)
      means += zip(reads.up, reads.down).map { ($0 + $1) / 2 }
    }
    outcome.pulses += 2 * means.count
    outcome.duration += lab.time - begin
    // Reads that allow no estimate decide nothing.
    let point =
      device.statistics.symmetryPoint(of: means)
      ?? Estimate(value: device.reference, standardError: .infinity, unit: "S")
    let check = WatchOutcome.Check(
      sample: k, drift: (point.value - device.reference) / scale,
      standardError: point.standardError / scale, tolerance: settings.tolerance.value)
    outcome.checks[device.site.device, default: []].append(check)
    try lab.record(
      WatchTable.self, of: device.site.device,
      [Double(k), check.drift, check.standardError, settings.tolerance.value])
    return check
  }
}

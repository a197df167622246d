import SaltireAnalysis
import SaltireCore
import SaltireDevices
import SaltirePrograms

/// The devices of a training run after characterisation.
struct PreparedDevices {
  /// The measured properties, by device.
  var outcomes: [String: DeviceOutcome] = [:]
  private(set) var swords: [String: CrossedSwords] = [:]
  /// The conductance of weight 0 in siemens, by device.
  private(set) var references: [String: Double] = [:]

  mutating func add(
    _ site: Wiring.Site, _ outcome: DeviceOutcome, _ swords: CrossedSwords?, reference: Double?
  ) {
    outcomes[site.device] = outcome
    if let swords { self.swords[site.device] = swords }
    if let reference { references[site.device] = reference }
  }

  /// Whether every device has a reference; training needs one for each.
  func isReady(_ sites: [Wiring.Site]) -> Bool {
    sites.allSatisfy { references[$0.device] != nil }
  }

  /// Siemens per weight unit: the mean over the devices, because all share one gain.
  func scale(of sites: [Wiring.Site]) -> Double {
    let scales = sites.compactMap { swords[$0.device]?.weightScale }
    return scales.reduce(0, +) / Double(scales.count)
  }

  /// An array with the references of the devices in `from` (its own or shared ones) and a weight
  /// unit of `scale` siemens.
  func array(
    _ settings: ArraySettings, references from: [Wiring.Site], scale: Double
  ) -> TrainedArray {
    let steps = settings.sites.compactMap { swords[$0.device]?.step }
    return TrainedArray(
      settings: settings, references: from.map { references[$0.device] ?? 0 },
      step: steps.reduce(0, +) / Double(steps.count) / scale)
  }
}

extension PreparedDevices {
  /// The range of each weight of C that training can use.
  func reach(of descent: Descent) -> [Reach] {
    zip(descent.core.sites, descent.core.references).compactMap { site, reference in
      swords[site.device].map { swords in
        let low = (swords.window.min - reference) / descent.scale
        let high = (swords.window.max - reference) / descent.scale
        return Reach(device: site.device, weights: low...high)
      }
    }
  }

  /// The watch over the symmetry points of these devices.
  func watch(
    _ settings: WatchSettings, over sites: [Wiring.Site], pulses: PulseSettings, scale: Double
  ) -> SymmetryWatch {
    SymmetryWatch(
      settings, pulses: pulses,
      devices: sites.compactMap { site in
        guard let reference = references[site.device],
          let statistics = swords[site.device].flatMap(PairStatistics.init)
        else { return nil }
        return .init(site: site, reference: reference, statistics: statistics)
      }, scale: scale)
  }
}

extension Lab {
  /// Characterises devices and brings each to its reference: the symmetry point from zero-shifting,
  /// or the middle of its window.
  mutating func prepare(
    _ sites: [Wiring.Site], _ training: TrainingSettings
  ) async throws(BenchError) -> PreparedDevices {
    var prepared = PreparedDevices()
    for site in sites {
      let swords = try await characterise(site, training.swords, training.pulses)
      var outcome = DeviceOutcome(swords)
      guard case .success(let found) = swords else {
        prepared.add(site, outcome, nil, reference: nil)
        continue
      }
      switch training.reference {
      case .zeroShift:
        let shift = try await zeroShift(site, after: found, training.zeroShift, training.pulses)
        outcome.add(shift)
        prepared.add(site, outcome, found, reference: shift?.estimate?.value)
      case .midWindow:
        let middle = (found.window.min + found.window.max) / 2
        try await bring(site, to: middle, step: found.step, training.pulses)
        // With this reference, a missing symmetry point is not a failure.
        outcome.verdict = nil
        prepared.add(site, outcome, found, reference: middle)
      }
    }
    return prepared
  }
}

extension SpiralMetrics {
  /// The mean of runs of the same parameters. Turns are averaged over the runs that reached a
  /// quarter; the motion counts as clockwise if it was in all runs.
  public init(meanOf runs: [SpiralMetrics]) {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func means(_ key: (SpiralMetrics) -> [Double]) -> [Double] {
      (0..<key(runs[0]).count).map { index in mean(runs.map { key($0)[index] }) }
    }
    func optionalMeans(_ key: (SpiralMetrics) -> [Double]?) -> [Double]? {
      key(runs[0]) == nil ? nil : means { key($0) ?? [] }
    }
    self = runs[0]
    cMean = means(\.cMean)
    cRms = means(\.cRms)
    radiusRatio = radiusRatio.indices.map { index in
      let known = runs.compactMap { $0.radiusRatio[index] }
      return known.isEmpty ? nil : mean(known)
    }
    aMean = optionalMeans(\.aMean)
    aRms = optionalMeans(\.aRms)
    turnsTotal = optionalMeans(\.turnsTotal)
    monotone = optionalMeans(\.monotone)
    turns = turns?.indices.map { index in
      let finished = runs.compactMap { $0.turns?[index] }
      return finished.isEmpty ? nil : mean(finished)
    }
    clockwise = clockwise?.indices.map { index in runs.allSatisfy { $0.clockwise?[index] == true } }
  }

  /// Concatenates the parameters of several runs.
  public init(joining runs: [SpiralMetrics]) {
    func joined<Value>(_ key: (SpiralMetrics) -> [Value]?) -> [Value]? {
      key(runs[0]) == nil ? nil : runs.flatMap { key($0) ?? [] }
    }
    self = runs[0]
    cMean = runs.flatMap(\.cMean)
    cRms = runs.flatMap(\.cRms)
    radiusRatio = runs.flatMap(\.radiusRatio)
    aMean = joined(\.aMean)
    aRms = joined(\.aRms)
    turns = joined(\.turns)
    turnsTotal = joined(\.turnsTotal)
    monotone = joined(\.monotone)
    clockwise = joined(\.clockwise)
  }
}

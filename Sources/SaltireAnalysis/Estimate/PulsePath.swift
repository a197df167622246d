import SaltireDevices

/// Reads of one device in order, with the direction of the pulse before each.
struct PulsePath: Sendable, Equatable {
  /// Positions: conductances from the middle of the window, in halves of the window.
  let reads: [Double]
  /// The first is not used: nothing is known before the first read.
  let directions: [PulseDirection]
  /// The middle of the window and half of it, in siemens.
  let centre: Double
  let scale: Double

  /// Nil if there are fewer than five pulses in one of the directions, or the reads do not differ.
  init?(_ response: PulseResponse) {
    var reads: [Double] = []
    var directions: [PulseDirection] = []
    for branch in response.branches {
      // A branch begins with the read at which the previous one ended.
      let own = reads.isEmpty ? branch.conductances[...] : branch.conductances.dropFirst()
      reads += own
      directions += own.map { _ in branch.direction }
    }
    for direction in [PulseDirection.up, .down] {
      guard directions.dropFirst().count(where: { $0 == direction }) >= 5 else { return nil }
    }
    let smooth = Self.runs(reads, directions).flatMap(\.positions)
    guard let low = smooth.min(), let high = smooth.max(), high > low else { return nil }
    let (centre, scale) = ((high + low) / 2, (high - low) / 2)
    self.reads = reads.map { ($0 - centre) / scale }
    self.directions = directions
    self.centre = centre
    self.scale = scale
  }

  /// A path whose reads are positions.
  init(reads: [Double], directions: [PulseDirection]) {
    self.reads = reads
    self.directions = directions
    (centre, scale) = (0, 1)
  }

  /// Consecutive pulses in one direction.
  struct Run {
    var direction: PulseDirection
    /// The positions after each pulse, smoothed: the monotonic sequence nearest to the reads.
    var positions: [Double]
  }

  /// Whether a read begins a cycle: what happened to a device between cycles is not always known, so
  /// nothing is concluded from the read before.
  func begins(_ index: Int) -> Bool {
    directions[index] == .up && directions[index - 1] == .down
  }

  /// Whether a single pulse crosses more than 70 % of the window, and not because reads are noisy.
  var isAbrupt: Bool {
    let changes = (1..<reads.count).filter { !begins($0) }.map { abs(reads[$0] - reads[$0 - 1]) }
    let sorted = changes.sorted()
    return (sorted.last ?? 0) > 1.4 + 4 * sorted[sorted.count / 2]
  }

  /// The path in runs.
  var runs: [Run] { Self.runs(reads, directions) }

  private static func runs(_ reads: [Double], _ directions: [PulseDirection]) -> [Run] {
    var runs: [Run] = []
    for (read, direction) in zip(reads, directions) {
      if runs.last?.direction == direction {
        runs[runs.count - 1].positions.append(read)
      } else {
        runs.append(Run(direction: direction, positions: [read]))
      }
    }
    return runs.map { run in
      let sign = run.direction == .up ? 1.0 : -1.0
      return Run(
        direction: run.direction,
        positions: ascending(run.positions.map { sign * $0 }).map { sign * $0 })
    }
  }

  /// The ascending sequence with the least square distance from `values`, by pooling neighbours that
  /// descend (M. Ayer et al., Ann. Math. Stat. 26, 641 (1955)).
  private static func ascending(_ values: [Double]) -> [Double] {
    var pools: [(mean: Double, count: Int)] = []
    for value in values {
      var pool = (mean: value, count: 1)
      while let last = pools.last, last.mean >= pool.mean {
        let count = last.count + pool.count
        let sum = last.mean * Double(last.count) + pool.mean * Double(pool.count)
        pool = (sum / Double(count), count)
        pools.removeLast()
      }
      pools.append(pool)
    }
    return pools.flatMap { [Double](repeating: $0.mean, count: $0.count) }
  }
}

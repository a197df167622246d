import SaltireDevices

/// The source of an array's references, which represent weight zero.
public enum ReferenceSource: Sendable, Equatable {
  /// Zero for all.
  case zero
  /// Each device's symmetry point from its parameters; zero if there is none.
  case analytic
  /// The mean of both reads over the second half of this number of up–down pulse pairs, applied to
  /// all devices at once (Onen et al. 2022, M1).
  case zeroShift(pairs: Int)
}

extension CrosspointArray {
  /// References by `source`, row by row. Zero-shifting leaves the devices at their state after the
  /// last pair.
  public func references(_ source: ReferenceSource) -> [Real] {
    switch source {
    case .zero: return [Real](repeating: 0, count: rows * columns)
    case .analytic: return drawn().map { Real($0.symmetryPoint ?? 0) }
    case .zeroShift(let pairs):
      var sums = [Double](repeating: 0, count: rows * columns)
      let from = pairs / 2
      for pair in 0..<pairs {
        for direction in [PulseDirection.up, .down] {
          pulseAll(direction)
          guard pair >= from else { continue }
          for row in 0..<rows {
            for column in 0..<columns { sums[row * columns + column] += Double(self[row, column]) }
          }
        }
      }
      let reads = Double(2 * max(pairs - from, 1))
      return sums.map { Real($0 / reads) }
    }
  }
}

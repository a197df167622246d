/// A piecewise-step device fitted to a measured pulse response by counting the pulses that each
/// part of the conductance range took to cross.
///
/// The idea is that of the device-fitting example of aihwkit: of n equal bins of the range that
/// both branches cover, mapped to weights −1…1, the mean step of a branch in a bin is 2/n divided
/// by the number of its samples there. This fit goes further, so that noise of a measured curve is
/// not mistaken for steps:
///
/// * Noise is separated by how it grows. The residual of the curve after the fitted steps has
///   second differences Sᵢ₊ₘ − 2Sᵢ + Sᵢ₋ₘ of variance 2m·c² + 6e², where c is the spread of a step,
///   which accumulates, and e the error of a read or a write, which does not. c² follows from their
///   growth between m = a tenth and a fifth of the curve, where slow fluctuations of the reading
///   have levelled off and do not look like a random walk, and where a steady misfit of the steps
///   cancels; e² is half of what c² leaves of the variance of a change.
/// * Samples are counted on a moving average just long enough to bring e below a tenth of a bin,
///   and no longer than a twentieth of the curve. Otherwise the outliers of a noisy curve would set
///   the range, and the bins at its ends would contain a few strays and report giant steps. A curve
///   without such noise is counted unsmoothed.
/// * A bin without samples was crossed by one pulse, and counts as one.
/// * The n bins become n + 1 nodes. Each has the step that corresponds to the mean count of its
///   neighbouring bins, because counts are pulses and add up over the range, which steps do not.
///   The two outermost are extrapolated linearly, but not below half of their bin, since a step of
///   zero would keep a device at its bound forever.
struct PiecewiseFit {
  let range: ClosedRange<Double>
  let model: DeviceModel

  init(_ curve: MeasuredCurve, segments: Int) throws(MeasuredCurveError) {
    let file = curve.origin.file
    let shortest = curve.cycles.map { min($0.up.count, $0.down.count) }.min() ?? 0
    guard segments >= 2, segments <= shortest else {
      throw MeasuredCurveError(
        file: file,
        message: "cannot fit \(segments) segments to a branch of \(shortest) reads; use 2 to"
          + " \(shortest)"
      )
    }
    let ups = curve.cycles.map(\.up)
    let downs = curve.cycles.map(\.down)
    let coarse = try MeasuredCurve.commonRange(
      ups.flatMap(\.self), downs.flatMap(\.self), file: file)
    let bin = (coarse.upperBound - coarse.lowerBound) / Double(segments)
    let smoothUps = ups.map { Self.smoothed($0, toWithin: bin / 10) }
    let smoothDowns = downs.map { Self.smoothed($0, toWithin: bin / 10) }
    let range = try MeasuredCurve.commonRange(
      smoothUps.flatMap(\.self), smoothDowns.flatMap(\.self), file: file)
    self.range = range

    let unit = (range.upperBound - range.lowerBound) / 2
    let up = Self.steps(smoothUps, in: range, bins: segments)
    let down = Self.steps(smoothDowns, in: range, bins: segments)
    let upNodes = Self.nodes(up)
    let downNodes = Self.nodes(down)
    let centre = (up: Self.middle(upNodes), down: Self.middle(downNodes))
    let step = max(centre.up, centre.down)

    var model = DeviceModel(
      law: .piecewiseStep(
        up: upNodes.map { $0 / centre.up }, down: downNodes.map { $0 / centre.down }),
      step: step)
    // The model lowers the smaller scale by the difference, in steps.
    model.upDown = (centre.up - centre.down) / step
    let noises =
      zip(ups, smoothUps).map {
        Self.noise($0, nodes: upNodes, sign: 1, smooth: $1, range: range)
      }
      + zip(downs, smoothDowns).map {
        Self.noise($0, nodes: downNodes, sign: -1, smooth: $1, range: range)
      }
    let count = Double(noises.count)
    model.cycleToCycle = noises.reduce(0) { $0 + $1.relative } / count
    model.writeNoise = noises.reduce(0) { $0 + $1.error } / count / (unit * step)
    self.model = model
  }

  /// `branch` averaged over a window long enough to bring its uncorrelated
  /// error down to `limit`.
  private static func smoothed(_ branch: [Double], toWithin limit: Double) -> [Double] {
    let changes = zip(branch.dropFirst(), branch).map { $0 - $1 }
    let error = errorVariance(ofChanges: changes)
    let wanted = min(error / (limit * limit), Double(branch.count) / 20)
    let half = Int(wanted / 2)
    guard half > 0 else { return branch }
    return branch.indices.map { index in
      // Near the ends the window shrinks to stay symmetric, because an asymmetric one pulls the
      // curve inward and cuts off its range. Below half its length the noise would dominate, so it
      // may become asymmetric.
      let reach = min(half, max(min(index, branch.count - 1 - index), half / 2))
      let window = branch[max(index - reach, 0)...min(index + reach, branch.count - 1)]
      return window.reduce(0, +) / Double(window.count)
    }
  }

  /// Variance of the error of one sample: minus the covariance of neighbouring
  /// changes.
  private static func errorVariance(ofChanges changes: [Double]) -> Double {
    let mean = changes.reduce(0, +) / Double(changes.count)
    let products = zip(changes.dropFirst(), changes).map { ($0 - mean) * ($1 - mean) }
    return max(-products.reduce(0, +) / Double(products.count), 0)
  }

  /// Mean step in each bin, in weights, from the mean count of the cycles' branches.
  private static func steps(
    _ branches: [[Double]], in range: ClosedRange<Double>, bins: Int
  ) -> [Double] {
    var counts = [Int](repeating: 0, count: bins)
    for sample in branches.joined() where range.contains(sample) {
      counts[bin(of: sample, in: range, bins: bins)] += 1
    }
    return counts.map { 2 / Double(bins) / max(Double($0) / Double(branches.count), 1) }
  }

  private static func bin(of sample: Double, in range: ClosedRange<Double>, bins: Int) -> Int {
    let fraction = (sample - range.lowerBound) / (range.upperBound - range.lowerBound)
    return Int(min(max(fraction * Double(bins), 0), Double(bins - 1)))
  }

  private static func nodes(_ steps: [Double]) -> [Double] {
    let last = steps.count - 1
    let inner = zip(steps, steps.dropFirst()).map { 2 / (1 / $0 + 1 / $1) }
    let first = max(1.5 * steps[0] - 0.5 * steps[1], steps[0] / 2)
    let end = max(1.5 * steps[last] - 0.5 * steps[last - 1], steps[last] / 2)
    return [first] + inner + [end]
  }

  /// The step at weight 0.
  private static func middle(_ nodes: [Double]) -> Double {
    let sections = nodes.count - 1
    let half = sections / 2
    return sections.isMultiple(of: 2) ? nodes[half] : (nodes[half] + nodes[half + 1]) / 2
  }

  /// Points of a branch below which its noise cannot be told apart, and is
  /// reported as none.
  private static let fewestForNoise = 16

  /// The error of a sample, in the curve's unit, and the spread of a step
  /// relative to its mean.
  private static func noise(
    _ branch: [Double], nodes: [Double], sign: Double, smooth: [Double],
    range: ClosedRange<Double>
  ) -> (error: Double, relative: Double) {
    let unit = (range.upperBound - range.lowerBound) / 2
    // The residual of the branch from the fitted steps, pulse by pulse.
    var strayed = [0.0]
    var meanSquare = 0.0
    for index in smooth.indices.dropLast()
    where range.contains(smooth[index]) && range.contains(smooth[index + 1]) {
      let expected = step(at: smooth[index], nodes: nodes, range: range) * unit
      strayed.append(
        strayed[strayed.count - 1] + branch[index + 1] - branch[index] - sign * expected)
      meanSquare += expected * expected
    }
    guard strayed.count > Self.fewestForNoise else { return (0, 0) }
    meanSquare /= Double(strayed.count - 1)
    let lag = max(strayed.count / 10, 2)
    let growth = bendVariance(of: strayed, lag: 2 * lag) - bendVariance(of: strayed, lag: lag)
    let walk = max(growth / Double(2 * lag), 0)
    let changes = zip(strayed.dropFirst(), strayed).map { $0 - $1 }
    let mean = changes.reduce(0, +) / Double(changes.count)
    let variance = changes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(changes.count)
    return (max((variance - walk) / 2, 0).squareRoot(), (walk / meanSquare).squareRoot())
  }

  /// Mean square of the second differences over `lag`.
  private static func bendVariance(of path: [Double], lag: Int) -> Double {
    let bends = path.indices.dropFirst(lag).dropLast(lag).map {
      path[$0 + lag] - 2 * path[$0] + path[$0 - lag]
    }
    return bends.reduce(0) { $0 + $1 * $1 } / Double(bends.count)
  }

  /// The fitted step at a conductance in the range, in weights.
  private static func step(
    at conductance: Double, nodes: [Double], range: ClosedRange<Double>
  ) -> Double {
    let sections = nodes.count - 1
    let position =
      (conductance - range.lowerBound) / (range.upperBound - range.lowerBound) * Double(sections)
    let index = min(Int(position), sections - 1)
    let fraction = position - Double(index)
    return (1 - fraction) * nodes[index] + fraction * nodes[index + 1]
  }
}

extension MeasuredCurve {
  /// A piecewise-step family whose mean device has this response, with its cycle-to-cycle and write
  /// noise and no spread between devices.
  ///
  /// Weights −1 and 1 are the ends of the range of conductance that both branches cover, excluding
  /// outliers of noise.
  ///
  /// - Parameter segments: the number of linear segments of the step curves, at least 2.
  /// - Throws: `MeasuredCurveError` if a branch has fewer reads than segments, or if no common range
  ///   remains without the noise.
  public func piecewiseStep(segments: Int = 10) throws(MeasuredCurveError) -> DeviceModel {
    try PiecewiseFit(self, segments: segments).model
  }
}

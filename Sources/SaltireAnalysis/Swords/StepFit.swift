import Foundation
import SaltireDevices

/// The maximum-likelihood ``StepModel`` of some segments, by Fisher scoring
/// with Levenberg's damping.
struct StepFit {
  private(set) var model: StepModel
  private(set) var logLikelihood: Double
  /// The inverse information of the free parameters; 0 for the others.
  private(set) var covariance: [StepModel.Parameters]
  let pulses: Int
  /// See ``PulseFilter/whiteness``.
  let whiteness: Double
  private let degree: Int

  /// The parameters that polynomials of `degree` (1 or 2) leave free.
  private static func free(degree: Int, fluctuates: Bool, holdsSigma: Bool) -> [Int] {
    (degree == 1 ? [0, 1, 3, 4] : [0, 1, 2, 3, 4, 5])
      + (holdsSigma ? [] : [StepModel.logSigma]) + [StepModel.logRead]
      + (fluctuates ? [StepModel.logFluctuation, StepModel.logitKept] : [])
  }

  // Noise-free data would drive both noises to zero; these floors keep the logarithms finite and
  // are far below any instrument's noise.
  private static let leastSigma = log(1e-7)
  private static let leastRead = log(1e-10)

  /// Nil if the segments do not determine the model; `holdsSigma` keeps σ at its initial value.
  init?(
    _ segments: [Segment], degree: Int, from start: StepModel? = nil, holdsSigma: Bool = false
  ) {
    guard var model = start ?? Self.guess(segments) else { return nil }
    self.degree = degree
    let free = Self.free(degree: degree, fluctuates: model.fluctuates, holdsSigma: holdsSigma)
    var filter = PulseFilter(model, segments: segments)
    var damping = 1e-6
    for _ in 0..<200 {
      guard
        let step = Self.solve(filter.information, filter.score, free: free, damping: damping)
      else { return nil }
      var trial = model
      trial.parameters += step
      for (noise, least) in [
        (StepModel.logSigma, Self.leastSigma), (StepModel.logRead, Self.leastRead),
        (StepModel.logFluctuation, Self.leastRead), (StepModel.logitKept, -10),
      ] {
        // Far from the optimum of the mean, the noise would absorb the misfit.
        let bounded = model.parameters[noise] + min(max(step[noise], -1), 1)
        trial.parameters[noise] = min(max(bounded, least), 10)
      }
      let next = PulseFilter(trial, segments: segments)
      if next.logLikelihood.isFinite, next.logLikelihood >= filter.logLikelihood {
        let gained = next.logLikelihood - filter.logLikelihood
        model = trial
        filter = next
        damping = max(damping / 10, 1e-12)
        if gained < 1e-7 { break }
      } else {
        damping *= 10
        if damping > 1e6 { break }
      }
    }
    guard let covariance = Self.inverse(filter.information, free: free) else { return nil }
    self.model = model
    self.covariance = covariance
    logLikelihood = filter.logLikelihood
    pulses = filter.pulses
    whiteness = filter.whiteness
  }

  /// The fit with a decaying fluctuation, if the innovations indicate one and the likelihood ratio
  /// justifies its two parameters (at 0.1 %); otherwise the fit itself.
  func withFluctuation(_ segments: [Segment], degree: Int) -> StepFit {
    // χ² with five degrees of freedom exceeds 20.5 with probability 0.1 %.
    guard !model.fluctuates, whiteness > 20.5 else { return self }
    var start = model
    start.fluctuates = true
    // Initially attributes the apparent step noise to the fluctuation.
    start.parameters[StepModel.logFluctuation] = start.parameters[StepModel.logRead]
    start.parameters[StepModel.logitKept] = 2
    start.parameters[StepModel.logSigma] = min(start.parameters[StepModel.logSigma], 0)
    guard let richer = StepFit(segments, degree: degree, from: start),
      2 * (richer.logLikelihood - logLikelihood) > 13.8
    else { return self }
    return richer
  }

  /// The fit with the largest σ that the reads allow (likelihood ratio at 5 %), if σ is known to no
  /// better than a tenth; otherwise the fit itself.
  ///
  /// Under read noise, cycle-to-cycle noise shows only in where branches end. A few short branches
  /// often look as if there were none, and assuming none makes the errors too small by factors.
  func withLargestSigma(_ segments: [Segment]) -> StepFit {
    guard covariance[StepModel.logSigma][StepModel.logSigma] > 0.01 else { return self }
    var largest = self
    var (low, high) = (model.parameters[StepModel.logSigma], log(3.0))
    for _ in 0..<8 {
      let middle = (low + high) / 2
      var start = largest.model
      start.parameters[StepModel.logSigma] = middle
      if let fit = StepFit(segments, degree: degree, from: start, holdsSigma: true),
        2 * (logLikelihood - fit.logLikelihood) < 3.84
      {
        (low, largest) = (middle, fit)
      } else {
        high = middle
      }
    }
    return largest
  }

  /// Whether both steps stay positive over the window.
  var isPhysical: Bool {
    stride(from: -1.0, through: 1, by: 0.1).allSatisfy {
      model.step(.up, at: $0) > 0 && model.step(.down, at: $0) > 0
    }
  }

  /// gᵀ · covariance · g.
  func variance(along gradient: StepModel.Parameters) -> Double {
    var total = 0.0
    for row in 0..<StepModel.count {
      total += gradient[row] * (covariance[row] * gradient).sum()
    }
    return total
  }

  /// Initial values: straight lines through steps against mid-conductances, and the noise from the
  /// variance of the steps and the covariance of neighbours, which is −r² from their shared read.
  private static func guess(_ segments: [Segment]) -> StepModel? {
    var parameters = StepModel.Parameters(repeating: 0)
    var steps = 0.0
    var count = 0.0
    var square = 0.0
    var neighbours = 0.0
    for direction in [PulseDirection.up, .down] {
      let own = segments.filter { $0.direction == direction }
      let sign = direction == .up ? 1.0 : -1.0
      var n = 0.0, sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0
      for segment in own {
        for (before, after) in zip(segment.reads, segment.reads.dropFirst()) {
          let (x, y) = ((before + after) / 2, sign * (after - before))
          n += 1
          sx += x
          sy += y
          sxx += x * x
          sxy += x * y
        }
      }
      let spread = n * sxx - sx * sx
      guard n >= 4, spread > 0 else { return nil }
      let slope = (n * sxy - sx * sy) / spread
      let level = (sy - slope * sx) / n
      let offset = StepModel.offset(direction)
      // The line refers to the middle of a step, the model to its start.
      let shift = 1 - sign * slope / 2
      parameters[offset] = level / shift
      parameters[offset + 1] = slope / shift
      for segment in own {
        var last: Double?
        for (before, after) in zip(segment.reads, segment.reads.dropFirst()) {
          let residual = sign * (after - before) - level - slope * (before + after) / 2
          square += residual * residual
          if let last { neighbours += residual * last }
          last = residual
          steps += abs(level + slope * (before + after) / 2)
          count += 1
        }
      }
    }
    let mean = steps / count
    guard mean > 0 else { return nil }
    let read2 = max(-neighbours / count, 0)
    let process2 = max(square / count - 2 * read2, 0.01 * square / count)
    parameters[StepModel.logSigma] = max(0.5 * log(process2) - log(mean), leastSigma)
    parameters[StepModel.logRead] = max(0.5 * log(max(read2, 0.01 * process2)), leastRead)
    return StepModel(parameters: parameters)
  }
}

extension StepFit {
  /// (information + damping·diagonal)⁻¹ · score, over the free parameters.
  private static func solve(
    _ information: [StepModel.Parameters], _ score: StepModel.Parameters, free: [Int],
    damping: Double
  ) -> StepModel.Parameters? {
    guard let inverse = inverse(information, free: free, damping: damping) else { return nil }
    var step = StepModel.Parameters(repeating: 0)
    for row in free { step[row] = (inverse[row] * score).sum() }
    return step
  }

  /// The inverse over the free rows and columns, after scaling to a unit diagonal: the parameters
  /// differ by many orders of magnitude.
  private static func inverse(
    _ matrix: [StepModel.Parameters], free: [Int], damping: Double = 0
  ) -> [StepModel.Parameters]? {
    let n = free.count
    let scale = free.map { matrix[$0][$0].squareRoot() }
    guard scale.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    var left = [[Double]](repeating: [Double](repeating: 0, count: 2 * n), count: n)
    for i in 0..<n {
      for j in 0..<n { left[i][j] = matrix[free[i]][free[j]] / (scale[i] * scale[j]) }
      left[i][i] += damping
      left[i][n + i] = 1
    }
    for column in 0..<n {
      let pivot = (column..<n).max { abs(left[$0][column]) < abs(left[$1][column]) } ?? column
      guard abs(left[pivot][column]) > 1e-14 else { return nil }
      left.swapAt(column, pivot)
      let head = left[column][column]
      for k in column..<2 * n { left[column][k] /= head }
      for row in 0..<n where row != column {
        let factor = left[row][column]
        if factor != 0 {
          for k in column..<2 * n { left[row][k] -= factor * left[column][k] }
        }
      }
    }
    var result = [StepModel.Parameters](
      repeating: .init(repeating: 0), count: StepModel.count)
    for i in 0..<n {
      for j in 0..<n { result[free[i]][free[j]] = left[i][n + j] / (scale[i] * scale[j]) }
    }
    return result
  }
}

extension PairStatistics {
  /// The symmetry point that a train of pairs is bound for, wherever it began.
  ///
  /// ``ZeroShift`` takes the mean of pairs whose device has arrived, and leaves
  /// the way there out. A train of less than a few relaxations is all way: the
  /// device goes on from wherever it was. Here the way is in the estimate, as a
  /// second unknown (the distance at the beginning, of which every pair leaves
  /// the same share), under the very process that
  /// ``standardError(ofMeanOver:)`` goes by: generalised least squares, by the
  /// innovations of a Kalman filter of that process. Of a long train it is the
  /// mean with the standard error of the mean. What a short one can say at most
  /// is one net step in its noise a pair, so its error falls with the square
  /// root of the pairs and has nothing to do with where the train begins.
  ///
  /// - Parameter pairs: the mean of the two reads of every pair, siemens.
  /// - Returns: nil of fewer than two pairs, which tell no way.
  public func symmetryPoint(of pairs: [Double]) -> Estimate? {
    guard pairs.count > 1 else { return nil }
    // What the filter expects next of the device and of the fluctuation, for
    // three series at once: the pairs, the symmetry point, the way to it.
    var device = SIMD4<Double>.zero
    var slow = SIMD4<Double>.zero
    var (xx, xf, ff) = (0.0, 0.0, fluctuation * fluctuation)
    var way = 1.0
    // Sums of products of the innovations: the normal equations.
    var byPoint = SIMD4<Double>.zero
    var byWay = SIMD4<Double>.zero
    for pair in pairs {
      way *= contraction
      device *= contraction
      slow *= fluctuationKept
      xx = contraction * contraction * xx + pairNoise * pairNoise
      xf *= contraction * fluctuationKept
      ff += (1 - fluctuationKept * fluctuationKept) * (fluctuation * fluctuation - ff)
      let innovation = SIMD4(pair - pairs[0], 1, way, 0) - device - slow
      let spread = xx + 2 * xf + ff + readNoise * readNoise / 2
      byPoint += (innovation[1] / spread) * innovation
      byWay += (innovation[2] / spread) * innovation
      let (blendDevice, blendSlow) = ((xx + xf) / spread, (xf + ff) / spread)
      device += blendDevice * innovation
      slow += blendSlow * innovation
      (xx, xf, ff) = (
        xx - blendDevice * (xx + xf), xf - blendDevice * (xf + ff), ff - blendSlow * (xf + ff)
      )
    }
    let determinant = byPoint[1] * byWay[2] - byPoint[2] * byWay[1]
    guard determinant > 0, determinant.isFinite else { return nil }
    let distance = (byPoint[0] * byWay[2] - byWay[0] * byPoint[2]) / determinant
    return Estimate(
      value: pairs[0] + distance - offset,
      standardError: (byWay[2] / determinant).squareRoot(), unit: "S")
  }
}

extension PairStatistics {
  /// The symmetry point that a train of pairs approaches, whatever its starting point.
  ///
  /// ``ZeroShift`` takes the mean of pairs after the device has arrived, and excludes the approach.
  /// A train of less than a few relaxations is all approach. Here the approach is part of the
  /// estimate, as a second unknown (the initial distance, of which every pair leaves the same
  /// fraction), with the same noise model as ``standardError(ofMeanOver:)``: generalised least
  /// squares on the innovations of a Kalman filter. For a long train the result is the mean with
  /// the standard error of the mean. A short train cannot be more precise than one net step divided
  /// by the noise of a pair; its error decreases with the square root of the number of pairs and
  /// does not depend on the starting point.
  ///
  /// - Parameter pairs: the mean of the two reads of every pair, in siemens.
  /// - Returns: nil for fewer than two pairs, which do not determine the approach.
  public func symmetryPoint(of pairs: [Double]) -> Estimate? {
    guard pairs.count > 1 else { return nil }
    // The filter's predictions of the device and the fluctuation, for three series at once: the
    // pairs, the symmetry point, and the approach.
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

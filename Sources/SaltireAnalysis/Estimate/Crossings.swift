/// Where the steps up and down are equal, over the range that both directions cover.
struct Crossings: Sendable {
  /// Those that alternating pulses lead to, ascending.
  private(set) var stable: [Double] = []
  /// Those that they lead away from.
  private(set) var unstable: [Double] = []
  private let ends: (low: Double, high: Double)

  init(_ curves: StepCurves) {
    let low = max(curves.up.basis.low, curves.down.basis.low)
    let high = min(curves.up.basis.high, curves.down.basis.high)
    var last = curves.difference(at: low)
    let first = last
    let count = 100
    for k in 1...count {
      let x = low + (high - low) * Double(k) / Double(count)
      let next = curves.difference(at: x)
      if (last > 0) != (next > 0) {
        let crossing = x - (high - low) / Double(count) * next / (next - last)
        if last > 0 { stable.append(crossing) } else { unstable.append(crossing) }
      }
      last = next
    }
    ends = (first, last)
  }

  var middle: Double? { stable.isEmpty ? nil : stable[stable.count / 2] }

  /// The stable crossing nearest to `x`; infinite if it is beyond the range.
  func stable(nearest x: Double?) -> Double {
    if let x, let nearest = stable.min(by: { abs($0 - x) < abs($1 - x) }) { return nearest }
    if let first = stable.first { return first }
    // Up steps are larger up to the end: it is above.
    return ends.high > 0 && ends.low > 0 ? .infinity : -.infinity
  }
}

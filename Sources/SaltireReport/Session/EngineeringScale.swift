/// A unit with the SI prefix that keeps the numbers of an axis or a column
/// between 1 and 1000.
struct EngineeringScale {
  /// Multiplies values in the base unit.
  let factor: Double
  /// The unit with its prefix; empty for plain numbers, which stay as they are.
  let unit: String

  /// For values of the size of the largest of `values`, in `unit`.
  init(_ values: some Sequence<Double>, unit: String) {
    let largest = values.lazy.filter(\.isFinite).map(abs).max() ?? 0
    let prefixes: [(Double, String)] = [
      (1e-12, "p"), (1e-9, "n"), (1e-6, "µ"), (1e-3, "m"), (1, ""), (1e3, "k"), (1e6, "M"),
    ]
    guard !unit.isEmpty, largest > 0 else {
      factor = 1
      self.unit = unit
      return
    }
    let prefix = prefixes.last { largest >= $0.0 } ?? prefixes[0]
    factor = 1 / prefix.0
    self.unit = prefix.1 + unit
  }

  func callAsFunction(_ values: [Double]) -> [Double] { values.map { $0 * factor } }

  func callAsFunction(_ value: Double) -> Double { value * factor }

  /// An axis of `quantity` in this unit.
  func axis(_ quantity: String) -> Figure.Axis {
    unit.isEmpty ? .init(quantity) : .init(quantity, unit: unit)
  }
}

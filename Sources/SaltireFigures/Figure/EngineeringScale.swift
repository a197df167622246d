import Foundation
import SaltireCore

/// A unit with the SI prefix that keeps the numbers of an axis or a column
/// between 1 and 1000.
package struct EngineeringScale {
  /// Multiplies values in the base unit.
  package let factor: Double
  /// The unit with its prefix; empty for dimensionless numbers, which are not scaled.
  package let unit: String

  /// For values as large as the largest of `values`, in `unit`.
  package init(_ values: some Sequence<Double>, unit: String) {
    let largest = values.lazy.filter(\.isFinite).map(abs).max() ?? 0
    let prefix = SIPrefix(for: unit.isEmpty ? 0 : largest)
    factor = pow(10, Double(-prefix.exponent))
    self.unit = prefix.symbol + unit
  }

  package func callAsFunction(_ values: [Double]) -> [Double] { values.map { $0 * factor } }

  package func callAsFunction(_ value: Double) -> Double { value * factor }

  /// An axis of `quantity` in this unit.
  package func axis(_ quantity: String) -> Figure.Axis {
    unit.isEmpty ? .init(quantity) : .init(quantity, unit: unit)
  }
}

import Foundation

extension Figure {
  /// One axis: what it shows, in which unit, over which range.
  public struct Axis: Sendable, Equatable {
    public enum Scale: Sendable, Equatable {
      case linear
      /// Base 10; values at or below zero are gaps.
      case log

      /// Whether a value can be shown on this kind of axis.
      func shows(_ value: Double) -> Bool {
        abs(value) < Axis.largest && (self == .linear || value > 1 / Axis.largest)
      }
    }

    public enum Range: Sendable, Equatable {
      /// All finite data with a small margin.
      case automatic
      /// Exactly these limits, in the units of the data; what lies outside is cut off.
      case fixed(ClosedRange<Double>)
    }

    /// Label as drawn, unit included: "Conductance (µS)".
    public var label: String
    public var range: Range
    public var scale: Scale

    public init(_ label: String, range: Range = .automatic, scale: Scale = .linear) {
      self.label = label
      self.range = range
      self.scale = scale
    }

    /// An axis labelled "quantity (unit)".
    public init(
      _ quantity: String, unit: String, range: Range = .automatic, scale: Scale = .linear
    ) {
      self.init("\(quantity) (\(unit))", range: range, scale: scale)
    }

    func validate(panel: Int, axis: String) throws(FigureError) {
      guard case .fixed(let limits) = range else { return }
      // Beyond this the width of the range overflows, or is lost in rounding.
      let width = limits.upperBound - limits.lowerBound
      let magnitude = max(abs(limits.lowerBound), abs(limits.upperBound))
      let isDrawable =
        magnitude < Self.largest && magnitude > 1 / Self.largest && width > magnitude * 1e-12
      if !isDrawable || !scale.shows(limits.lowerBound) {
        throw .range(panel: panel, axis: axis)
      }
    }

    /// Larger magnitudes are gaps: the width of a range holding them could overflow.
    static let largest = 1e300

    /// The limits for these data: the fixed ones, or the data's with a 4 % margin on both sides.
    func limits(of values: [Double]) -> ClosedRange<Double> {
      if case .fixed(let limits) = range { return limits }
      let shown = values.filter(scale.shows)
      guard let low = shown.min(), let high = shown.max() else {
        return scale == .log ? 1...10 : 0...1
      }
      if scale == .log {
        let margin = max(0.04 * (log10(high) - log10(low)), log10(1.1))
        // Still normal numbers, with their whole precision.
        return pow(10, max(log10(low) - margin, -305))...pow(10, min(log10(high) + margin, 305))
      }
      let magnitude = max(abs(low), abs(high))
      if magnitude < 1 / Self.largest { return -1...1 }
      let margin = high - low <= magnitude * 1e-9 ? magnitude * 0.05 : 0.04 * (high - low)
      return low - margin...high + margin
    }
  }
}

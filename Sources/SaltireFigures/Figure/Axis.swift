import Foundation

extension Figure {
  /// One axis: what it shows, in which unit, over which range.
  public struct Axis: Sendable, Equatable {
    public enum Scale: Sendable, Equatable {
      case linear
      /// Base 10; values at or below zero are gaps.
      case log
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
      // Beyond this the width of the range overflows or drowns in rounding.
      let width = limits.upperBound - limits.lowerBound
      let magnitude = max(abs(limits.lowerBound), abs(limits.upperBound))
      let drawable = magnitude < Self.largest && width > magnitude * 1e-12
      if !drawable || (scale == .log && limits.lowerBound <= 0) {
        throw .range(panel: panel, axis: axis)
      }
    }

    /// Larger magnitudes are gaps: the width of a range holding them could overflow.
    static let largest = 1e300

    /// Whether a value has a place on this kind of axis.
    func shows(_ value: Double) -> Bool {
      abs(value) < Self.largest && (scale == .linear || value > 0)
    }

    /// The limits for these data: the fixed ones, or the data's with a 4 % margin on both sides.
    func limits(of values: [Double]) -> ClosedRange<Double> {
      if case .fixed(let limits) = range { return limits }
      let shown = values.filter(shows)
      guard let low = shown.min(), let high = shown.max() else {
        return scale == .log ? 1...10 : 0...1
      }
      if scale == .log {
        let margin = max(pow(high / low, 0.04), 1.1)
        return low / margin...high * margin
      }
      if high - low <= max(abs(low), abs(high)) * 1e-9 {
        let margin = low == 0 ? 1 : abs(low) * 0.05
        return low - margin...high + margin
      }
      let margin = 0.04 * (high - low)
      return low - margin...high + margin
    }
  }
}

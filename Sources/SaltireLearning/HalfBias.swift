public import SaltireCore
public import SaltireDevices

/// The four sub-phases of a parallel update in a half-bias array.
///
/// A device sees the full voltage only in slots in which its row (error line) and its column (input
/// line) both fire; with only one line it is half-selected. Lines have one train each, whose slots
/// all sub-phases share, so the coincidences are those of signed trains, sorted by direction
/// (Gokmen and Vlasov 2016):
///
/// | phase | inputs | −δ | direction |
/// |---|---|---|---|
/// | U1 | > 0 | > 0 | up |
/// | U2 | < 0 | < 0 | up |
/// | D1 | > 0 | < 0 | down |
/// | D2 | < 0 | > 0 | down |
public struct HalfBiasPhase: Sendable, Equatable {
  /// A line and the slots in which it fires.
  public struct Line: Sendable, Equatable {
    public var index: Int
    public var train: BitTrain
  }

  /// The direction of a coincidence.
  public var direction: PulseDirection
  /// Error lines that fire in this phase; never empty.
  public var rows: [Line]
  /// Input lines that fire in this phase; never empty.
  public var columns: [Line]

  /// The phases of the update `w ← w + rate · g xᵀ` with `g = −δ`, without those that lack a row or
  /// a column.
  ///
  /// - Parameters:
  ///   - inputs: x, one value for each column.
  ///   - ascent: g = −δ, one value for each row.
  ///   - train: length and gains from ``UpdateManagement``.
  ///   - random: rows draw first, then columns, each slot by slot.
  public static func phases(
    inputs: [Double], ascent: [Double], train: UpdateManagement.Train,
    random: inout RandomStream
  ) -> [HalfBiasPhase] {
    guard train.length > 0 else { return [] }
    let rows = lines(ascent, gain: train.errorGain, length: train.length, random: &random)
    let columns = lines(inputs, gain: train.inputGain, length: train.length, random: &random)
    return [
      (PulseDirection.up, rows.positive, columns.positive),
      (.up, rows.negative, columns.negative),
      (.down, rows.negative, columns.positive),
      (.down, rows.positive, columns.negative),
    ].compactMap { direction, rows, columns in
      rows.isEmpty || columns.isEmpty
        ? nil : HalfBiasPhase(direction: direction, rows: rows, columns: columns)
    }
  }

  private static func lines(
    _ values: [Double], gain: Double, length: Int, random: inout RandomStream
  ) -> (positive: [Line], negative: [Line]) {
    var positive: [Line] = []
    var negative: [Line] = []
    for (index, value) in values.enumerated() where value != 0 {
      let line = Line(
        index: index,
        train: BitTrain(probability: abs(value) * gain, count: length, random: &random))
      if value > 0 { positive.append(line) } else { negative.append(line) }
    }
    return (positive, negative)
  }
}

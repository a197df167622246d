/// A measured pulse response: the reads of one device in the order of the pulses.
public struct MeasuredCurve: Sendable, Equatable {
  /// An up branch and the down branch after it, each of its own length.
  public struct Cycle: Sendable, Equatable {
    /// The read after each up pulse.
    public var up: [Double]
    /// The read after each down pulse.
    public var down: [Double]
  }

  /// Where the reads come from.
  public struct Origin: Sendable, Equatable {
    /// The file, as the caller named it.
    public var file: String
    /// "comma-separated", …
    public var separator: String
    /// The columns of the up and the down reads: "column 1", "column 2, \"G\"".
    public var up: String
    public var down: String
    /// The first and the last line with a read that is used.
    public var lines: ClosedRange<Int>
    /// The device, if the file has several.
    public var device: String?
    /// What was left out, and what was done to the reads.
    public var remarks: [String] = []
  }

  /// At least one.
  public let cycles: [Cycle]
  /// "S", "A", or empty for the unit of the file, whatever it is.
  public let unit: String
  public let origin: Origin

  /// Minimum number of reads of a branch for an estimate of the step size.
  public static let fewestReads = 10

  /// No conductance exceeds this in any unit, and squares of smaller numbers are finite.
  static let magnitudeLimit = 1e30

  init(_ cycles: [Cycle], unit: String, origin: Origin) throws(MeasuredCurveError) {
    self.cycles = cycles
    self.unit = unit
    self.origin = origin
    for (number, cycle) in cycles.enumerated() {
      for (direction, reads) in [("up", cycle.up), ("down", cycle.down)]
      where reads.count < Self.fewestReads {
        let place = cycles.count > 1 ? " of cycle \(number + 1)" : ""
        throw MeasuredCurveError(
          file: origin.file,
          message: "the \(direction) branch\(place) has \(reads.count) reads; a fit needs at least"
            + " \(Self.fewestReads)")
      }
    }
    guard !cycles.isEmpty else {
      throw MeasuredCurveError(file: origin.file, message: "the file has no reads")
    }
    _ = try Self.commonRange(
      cycles.flatMap(\.up), cycles.flatMap(\.down), file: origin.file)
  }

  /// The range of conductance that both branches cover, which must have a nonzero width.
  static func commonRange(
    _ up: [Double], _ down: [Double], file: String
  ) throws(MeasuredCurveError) -> ClosedRange<Double> {
    let lower = max(up.min() ?? 0, down.min() ?? 0)
    let upper = min(up.max() ?? 0, down.max() ?? 0)
    guard upper - lower > 1 / magnitudeLimit else {
      throw MeasuredCurveError(
        file: file,
        message: """
          the ranges of conductance of the up and down branches must overlap; the common range is \
          \(lower) to \(upper)
          """)
    }
    return lower...upper
  }

  /// What was understood, in one line.
  public var summary: String {
    func counts(_ branch: KeyPath<Cycle, [Double]>) -> String {
      let counts = cycles.map { $0[keyPath: branch].count }
      let (low, high) = (counts.min() ?? 0, counts.max() ?? 0)
      return low == high ? "\(low)" : "\(low) to \(high)"
    }
    let parts =
      [
        origin.separator, "lines \(origin.lines.lowerBound) to \(origin.lines.upperBound)",
        origin.device.map { "device \($0)" },
        "up: \(origin.up), \(counts(\.up)) pulses",
        "down: \(origin.down), \(counts(\.down)) pulses",
        cycles.count == 1 ? "1 cycle" : "\(cycles.count) cycles",
        unit.isEmpty ? "in the file's unit" : "in \(unit)",
      ].compactMap(\.self) + origin.remarks
    return "\(origin.file): " + parts.joined(separator: "; ")
  }
}

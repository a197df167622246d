/// A measured pulse response: the conductance after each pulse of an up train and of a down train.
///
/// The unit is that of the file: siemens, or a normalised conductance. Rows with fewer than two
/// numbers are not used, so both trains have the same length.
public struct MeasuredCurve: Sendable, Equatable {
  /// Conductance after each up pulse.
  public let up: [Double]
  /// Conductance after each down pulse.
  public let down: [Double]
  /// The source of the curve, for messages.
  public let file: String

  /// Minimum number of rows for an estimate of the step size.
  public static let fewestRows = 10

  /// Maximum size of a file in bytes.
  public static let longest = 16 << 20

  /// No conductance exceeds this in any unit, and squares of smaller numbers are finite.
  static let magnitudeLimit = 1e30

  /// Reads a curve from CSV: in each line the conductance after an up pulse, a comma and the
  /// conductance after a down pulse.
  ///
  /// Blank lines, lines that begin with `#`, one header line before the first row, a byte-order
  /// mark and any kind of line end are accepted.
  ///
  /// - Parameters:
  ///   - text: the contents of the file.
  ///   - file: its name, for messages.
  /// - Throws: `MeasuredCurveError` for a line that is not two finite numbers below 1e30, for fewer
  ///   than `fewestRows` rows, and for branches without a common range of conductance.
  public init(csv text: String, file: String) throws(MeasuredCurveError) {
    var up: [Double] = []
    var down: [Double] = []
    var mayBeHeader = true
    let body = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
    let lines = body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        .map { String($0.trimmed) }
      if fields == [""] || fields[0].hasPrefix("#") { continue }
      let numbers = fields.map { Double($0) }
      if mayBeHeader, fields.count == 2, numbers.allSatisfy({ $0 == nil }) {
        mayBeHeader = false
        continue
      }
      mayBeHeader = false
      guard fields.count == 2, let first = numbers[0], let second = numbers[1],
        abs(first) < Self.magnitudeLimit, abs(second) < Self.magnitudeLimit
      else {
        throw MeasuredCurveError(
          file: file, line: index + 1,
          message: """
            expected two numbers below 1e30 separated by a comma (the conductance after an up \
            pulse, the conductance after a down pulse), found "\(line.prefix(40))"
            """)
      }
      up.append(first)
      down.append(second)
    }
    guard up.count >= Self.fewestRows else {
      throw MeasuredCurveError(
        file: file, line: nil,
        message: "the curve has \(up.count) rows; a fit needs at least \(Self.fewestRows)")
    }
    self.up = up
    self.down = down
    self.file = file
    _ = try Self.commonRange(up, down, file: file)
  }

  /// The range of conductance that both branches cover, which must have a nonzero width.
  static func commonRange(
    _ up: [Double], _ down: [Double], file: String
  ) throws(MeasuredCurveError) -> ClosedRange<Double> {
    let lower = max(up.min() ?? 0, down.min() ?? 0)
    let upper = min(up.max() ?? 0, down.max() ?? 0)
    guard upper - lower > 1 / magnitudeLimit else {
      throw MeasuredCurveError(
        file: file, line: nil,
        message: """
          the ranges of conductance of the up and down branches must overlap; the common range is \
          \(lower) to \(upper)
          """)
    }
    return lower...upper
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    drop(while: \.isWhitespace).reversedTrim
  }

  private var reversedTrim: Substring {
    var rest = self
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return rest
  }
}

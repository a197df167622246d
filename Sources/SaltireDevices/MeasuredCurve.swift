/// A measured pulse response: the conductance after each of a train of up
/// pulses and after each of a train of down pulses.
///
/// The unit is the file's own: siemens, or a normalised conductance. Rows with
/// fewer than two numbers are no use, so both trains have the same length.
public struct MeasuredCurve: Sendable, Equatable {
  /// Conductance after each up pulse.
  public let up: [Double]
  /// Conductance after each down pulse.
  public let down: [Double]
  /// Where the curve is from, for messages.
  public let file: String

  /// Fewest rows that a step size is worth estimating from.
  public static let fewestRows = 10

  /// Bytes of a file; a longer one is no measurement.
  public static let longest = 16 << 20

  /// No conductance is beyond this in any unit, and squares of smaller numbers
  /// stay finite.
  static let magnitudeLimit = 1e30

  /// Reads a curve from CSV: per line the conductance after an up pulse, a
  /// comma and the conductance after a down pulse.
  ///
  /// Blank lines, lines that begin with `#`, one header line before the first
  /// row, a byte-order mark and any kind of line end are accepted.
  ///
  /// - Parameters:
  ///   - text: the content of the file.
  ///   - file: its name, for messages.
  /// - Throws: `MeasuredCurveError` for a line that is not two finite numbers below 1e30,
  ///   for fewer than `fewestRows` rows, and for branches that do not share a
  ///   range of conductance.
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
            "\(line.prefix(40))" is not two numbers below 1e30 with a comma between \
            them: the conductance after an up pulse, the conductance after a down pulse
            """)
      }
      up.append(first)
      down.append(second)
    }
    guard up.count >= Self.fewestRows else {
      throw MeasuredCurveError(
        file: file, line: nil,
        message: "\(up.count) rows of numbers; a fit needs at least \(Self.fewestRows)")
    }
    self.up = up
    self.down = down
    self.file = file
    _ = try Self.commonRange(up, down, file: file)
  }

  /// The range of conductance that both branches cover, which must have a
  /// width.
  static func commonRange(
    _ up: [Double], _ down: [Double], file: String
  ) throws(MeasuredCurveError) -> ClosedRange<Double> {
    let lower = max(up.min() ?? 0, down.min() ?? 0)
    let upper = min(up.max() ?? 0, down.max() ?? 0)
    guard upper - lower > 1 / magnitudeLimit else {
      throw MeasuredCurveError(
        file: file, line: nil,
        message: """
          the up and the down branch must share a range of conductance; they share \
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

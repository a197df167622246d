public import SaltireCore

/// What a user says about a file of reads that the file does not say itself.
public struct CurveFormat: Sendable, Equatable {
  /// What a column holds.
  public enum Role: String, CaseIterable, Sendable {
    /// Reads after up pulses; one column for each cycle.
    case up
    /// Reads after down pulses.
    case down
    /// Reads after pulses of both directions.
    case reads
    /// The direction of the pulses, or their voltage.
    case direction
    case cycle
    case device
  }

  /// Branches that are stored last read first.
  public enum Reversed: String, CaseIterable, Sendable { case up, down, both }

  /// What separates the whole part of a number from its fraction.
  public enum DecimalSign: String, CaseIterable, Sendable {
    case point, comma
    var byte: UInt8 { self == .point ? UInt8(ascii: ".") : UInt8(ascii: ",") }
  }

  /// Names or numbers of columns, counted from 1.
  public var columns: [Role: [String]] = [:]
  public var device: String?
  /// A file with the down branches, if `file` has the up branches alone.
  public var downFile: Located<String>?
  /// Reads are currents at this voltage, in V.
  public var readVoltage: Double?
  /// Reads are resistances.
  public var resistance = false
  public var reverse: Reversed?
  public var decimal: DecimalSign?
  /// Pulses of an up branch and of a down branch that stand in one column.
  public var pulses: Pulses?

  public struct Pulses: Sendable, Equatable {
    public var up: Int
    public var down: Int
  }

  public init() {}

  package enum Keys {
    package static let format = SectionKey(
      "format", absent: "as the file says", when: "with `curve`",
      "How the curve's file is to be read, where it does not say.",
      [columns, device, downFile, readVoltage, resistance, reverse, decimal, pulses])
    static let columns = Key.text(
      "columns", form: "`up=2,down=1`", absent: "by header or order",
      "Columns by name or number: `up`, `down`, or `reads` with `direction`; `cycle`, `device`.")
    static let device = Key.text(
      "device", form: "device", absent: "the only one", "The device, if the file has several.")
    static let downFile = Key.text(
      "down_file", form: "CSV file", absent: "in the same file", "The file of the down branches.")
    static let readVoltage = Key.quantity(
      "read_voltage", .volt, in: 1e-9...100, absent: "no currents",
      "The reads are currents at this voltage.")
    static let resistance = Key.flag(
      "resistance", default: false, "Whether the reads are resistances.")
    static let reverse = Key<Reversed>.choice(
      "reverse", absent: "none", "Branches that are stored last read first.")
    static let decimal = Key<DecimalSign>.choice(
      "decimal", absent: "as the file says", "The decimal sign.")
    static let pulses = Key.text(
      "pulses", form: "`up=91,down=78`", absent: "where the reads turn",
      "Pulses of the branches that stand in one column.")
  }

  /// Reads a `format` section.
  init(_ reader: Reader) {
    func parse(_ text: Located<String>?, _ set: (String) throws(MeasuredCurveError) -> Void) {
      guard let text else { return }
      do throws(MeasuredCurveError) { try set(text.value) } catch {
        reader.report(Diagnostic(error.message, at: text.location))
      }
    }
    var format = CurveFormat()
    parse(reader.optional(Keys.columns)) { text throws(MeasuredCurveError) in
      try format.setColumns(text)
    }
    parse(reader.optional(Keys.pulses)) { text throws(MeasuredCurveError) in
      try format.setPulses(text)
    }
    format.device = reader.optional(Keys.device)?.value
    format.downFile = reader.optional(Keys.downFile)
    format.readVoltage = reader.optional(Keys.readVoltage)?.value
    format.resistance = reader[Keys.resistance].value
    format.reverse = reader.optional(Keys.reverse)?.value
    format.decimal = reader.optional(Keys.decimal)?.value
    self = format
  }

  /// Takes columns as in "up=1,3,down=2,4", with ranges as in "up=1-39".
  ///
  /// - Throws: `MeasuredCurveError` for any other text.
  public mutating func setColumns(_ text: String) throws(MeasuredCurveError) {
    var columns: [Role: [String]] = [:]
    var role: Role?
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      var name = String(part).trimmed
      let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pieces.count == 2, let known = Role(rawValue: String(pieces[0]).trimmed.lowercased()) {
        role = known
        name = String(pieces[1]).trimmed
      }
      guard let role, !name.isEmpty else {
        throw MeasuredCurveError(
          file: "",
          message: "columns: '\(text)' is not of the form 'up=2,down=1'; a column is"
            + " \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      columns[role, default: []] += Self.range(name) ?? [name]
    }
    self.columns = columns
  }

  private static func range(_ text: String) -> [String]? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 1, last >= first,
      last < 100_000
    else { return nil }
    return (first...last).map(String.init)
  }

  /// Takes counts of pulses as in "up=91,down=78".
  ///
  /// - Throws: `MeasuredCurveError` for any other text.
  public mutating func setPulses(_ text: String) throws(MeasuredCurveError) {
    var counts: [String: Int] = [:]
    for part in text.split(separator: ",") {
      let pieces = part.split(separator: "=").map { String($0).trimmed }
      guard let last = pieces.last, let count = Int(last), (1...1_000_000).contains(count) else {
        break
      }
      if pieces.count == 2 { counts[pieces[0]] = count }
    }
    guard counts.count == 2, let up = counts["up"], let down = counts["down"] else {
      throw MeasuredCurveError(
        file: "", message: "pulses: '\(text)' is not of the form 'up=91,down=78'")
    }
    pulses = Pulses(up: up, down: down)
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

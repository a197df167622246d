import SaltireCore

/// A table as comma-separated values according to RFC 4180, with line feeds, a header with units as
/// in `pulse,conductance [S]`, and numbers that read back as the same doubles.
public struct CSVTable: Sendable, Equatable {
  public struct Column: Sendable, Equatable {
    public var name: String
    /// Nil for text and dimensionless numbers.
    public var unit: String?

    public init(_ name: String, unit: String? = nil) {
      self.name = name
      self.unit = unit
    }
  }

  public enum Field: Sendable, Equatable {
    /// Written with the fewest digits that read back as the same double; "nan", "inf", "-inf".
    case number(Double)
    case integer(Int)
    case text(String)
    case empty
  }

  public let columns: [Column]
  public private(set) var rows: [[Field]] = []

  public init(columns: [Column]) { self.columns = columns }

  /// Adds a row.
  /// - Throws: ``CSVTableError`` if it does not have one field for each column.
  public mutating func append(_ row: [Field]) throws(CSVTableError) {
    guard row.count == columns.count else {
      throw CSVTableError(expected: columns.count, found: row.count)
    }
    rows.append(row)
  }

  /// The table as text, header first; every line ends with a line feed.
  public func text() -> String {
    var lines = [header]
    for row in rows { lines.append(Self.line(row.map(Self.text))) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The first line, without its line feed.
  public var header: String {
    Self.line(
      columns.map { column in
        (column.unit.map { "\(column.name) [\($0)]" } ?? column.name).shown
      })
  }

  private static func text(_ field: Field) -> String {
    switch field {
    case .number(let value): value.isNaN ? "nan" : value.description
    case .integer(let value): String(value)
    case .text(let text): text.shown
    case .empty: ""
    }
  }

  private static func line(_ fields: [String]) -> String {
    // A lone empty field would leave an empty line, which readers skip.
    if fields == [""] { return "\"\"" }
    return fields.map(quoted).joined(separator: ",")
  }

  private static func quoted(_ text: String) -> String {
    let special: Set<Unicode.Scalar> = [",", "\"", "\n"]
    // Spaces at the ends are data, but some readers trim them unless quoted.
    let isPadded = text.hasPrefix(" ") || text.hasSuffix(" ")
    guard isPadded || text.unicodeScalars.contains(where: special.contains) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "\"" { result.append("\"") }
      result.append(scalar)
    }
    return "\"" + String(result) + "\""
  }
}

/// A row with more or fewer fields than the table has columns.
public struct CSVTableError: Error, Sendable, Equatable, CustomStringConvertible {
  public let expected: Int
  public let found: Int

  public var description: String {
    "a row has \(found) fields, but the table has \(expected) columns"
  }
}

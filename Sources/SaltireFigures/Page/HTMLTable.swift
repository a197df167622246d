/// A table of an ``HTMLReport`` with formatted text in its cells.
public struct HTMLTable: Sendable, Equatable {
  public enum Alignment: String, Sendable, Equatable {
    case left, center, right
  }

  public struct Column: Sendable, Equatable {
    public var header: String
    /// Unit of the whole column, shown after the header.
    public var unit: String?
    public var alignment: Alignment

    public init(_ header: String, unit: String? = nil, alignment: Alignment = .right) {
      self.header = header
      self.unit = unit
      self.alignment = alignment
    }
  }

  public var caption: String
  public var columns: [Column]
  /// Cells beyond the last column are left out; missing ones are empty.
  public var rows: [[String]]
  /// Whether the first cell of a row names the row.
  public var hasRowHeaders: Bool

  public init(caption: String, columns: [Column], rows: [[String]], hasRowHeaders: Bool = false) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
    self.hasRowHeaders = hasRowHeaders
  }
}

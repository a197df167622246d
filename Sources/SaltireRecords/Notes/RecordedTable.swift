/// The columns of a table that an experiment records, declared once: rows are written and
/// read by the same declaration.
///
/// ```swift
/// enum ZeroShiftTable: String, RecordedTable {
///   case pair, up, down
///   static let name = "zero-shift"
///   var unit: String { self == .pair ? "" : "S" }
/// }
/// ```
///
/// A table may have more columns than are declared, behind them, one for each of something
/// that only a run knows, such as its devices.
public protocol RecordedTable: RawRepresentable<String>, CaseIterable, Hashable, Sendable
where AllCases == [Self] {
  /// The table's name in a session, the same for every device or run.
  static var name: String { get }
  /// SI unit of the column; empty for dimensionless numbers.
  var unit: String { get }
}

extension RecordedTable {
  public var unit: String { "" }

  /// The table of `subject`, a device or a run, with `more` columns after the declared ones.
  public static func table(
    of subject: String = "", more: [Note.Table.Column] = []
  ) -> Note.Table {
    Note.Table(name, of: subject, allCases.map { .init($0.rawValue, unit: $0.unit) } + more)
  }
}

/// A table of a session, read with its declaration.
public struct Recorded<Columns: RecordedTable>: Sendable {
  private let filled: Notebook.Filled

  /// Nil for a table with another name or without the declared columns.
  init?(_ filled: Notebook.Filled) {
    let names = filled.table.columns.map(\.name)
    guard filled.table.name == Columns.name,
      names.starts(with: Columns.allCases.map(\.rawValue))
    else { return nil }
    self.filled = filled
  }

  /// The device or run that it describes.
  public var subject: String { filled.table.subject }

  /// The column's values in the order of the rows.
  public subscript(column: Columns) -> [Double] {
    filled.column(Columns.allCases.firstIndex(of: column)!)
  }

  /// The columns after the declared ones, with their values.
  public var more: [(name: String, values: [Double])] {
    filled.table.columns.indices.dropFirst(Columns.allCases.count).map {
      (filled.table.columns[$0].name, filled.column($0))
    }
  }
}

/// A result that an experiment records for each device or run, declared once with its type.
public struct Finding<Value: Codable & Sendable>: Sendable {
  /// Its name in a session.
  public let name: String

  public init(_ name: String) { self.name = name }
}

/// The time that programs waited for the disk, with the outputs at idle: the devices rested longer
/// by this time.
enum DiskWaitTable: String, RecordedTable {
  case program, wait

  static let name = "disk-waits"
  var unit: String { self == .wait ? "s" : "" }
}

/// Something an experiment tells while it runs; journalled, so that a report
/// needs no more than the session, however far the run came.
public enum Note: Sendable, Equatable {
  /// A new part of the experiment begins.
  case phase(String)
  /// More rows of a table, one behind the other: a whole number of them.
  case rows(Table, [Double])
  /// A result, encoded as JSON, under a name such as "swords A1".
  case finding(name: String, json: String)

  /// A table that grows row by row: its name and its columns with their units.
  public struct Table: Sendable, Hashable, Codable {
    public struct Column: Sendable, Hashable, Codable {
      public var name: String
      /// SI unit; empty for plain numbers.
      public var unit: String

      public init(_ name: String, unit: String = "") {
        self.name = name
        self.unit = unit
      }
    }

    public var name: String
    public var columns: [Column]

    public init(_ name: String, _ columns: [Column]) {
      self.name = name
      self.columns = columns
    }

    /// How long programs waited for the disk, with the outputs at idle: a rest of
    /// the devices was so much longer.
    static let diskWaits = Table(
      "waits for the disk", [.init("program"), .init("wait", unit: "s")])
  }
}

/// All that a session's notes hold, put together.
public struct Notebook: Sendable, Equatable {
  /// A table with its rows.
  public struct Filled: Sendable, Equatable {
    public var table: Note.Table
    /// Row by row.
    public var values: [Double]

    /// One column by name; empty where there is none of that name.
    public subscript(column: String) -> [Double] {
      guard let index = table.columns.firstIndex(where: { $0.name == column }) else { return [] }
      return stride(from: index, to: values.count, by: table.columns.count).map { values[$0] }
    }
  }

  public private(set) var phases: [String] = []
  /// In the order of their first rows.
  public private(set) var tables: [Filled] = []
  /// JSON by name.
  public private(set) var findings: [String: String] = [:]
  private var index: [String: Int] = [:]

  public init() {}

  public mutating func add(_ note: Note) {
    switch note {
    case .phase(let name): phases.append(name)
    case .finding(let name, let json): findings[name] = json
    case .rows(let table, let values):
      if index[table.name] == nil {
        index[table.name] = tables.count
        tables.append(Filled(table: table, values: []))
      }
      tables[index[table.name]!].values += values
    }
  }

  /// The table `name`, empty where nothing was noted.
  public func table(_ name: String) -> Filled? { index[name].map { tables[$0] } }
}

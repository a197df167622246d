/// What an experiment records while it runs; journalled, so that a report
/// needs no more than the session, however far the run came.
public enum Note: Sendable, Equatable {
  /// A new part of the experiment begins.
  case phase(String)
  /// More rows of a table, one behind the other: a whole number of them.
  case rows(Table, [Double])
  /// A result of `subject`, a device or a run, encoded as JSON.
  case finding(name: String, subject: String, json: String)

  /// A table that grows row by row: its name, what it is about, and its columns with
  /// their units.
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

    /// "swords", the same for all devices.
    public var name: String
    /// The device or the run that it is about; empty where a session has one.
    public var subject: String
    public var columns: [Column]

    public init(_ name: String, of subject: String = "", _ columns: [Column]) {
      self.name = name
      self.subject = subject
      self.columns = columns
    }

    /// Both names, for people and for files.
    public var title: String { subject.isEmpty ? name : "\(name) \(subject)" }
  }
}

/// All that a session's notes hold, put together.
public struct Notebook: Sendable, Equatable {
  /// A table with its rows.
  public struct Filled: Sendable, Equatable {
    public var table: Note.Table
    /// Row by row.
    public var values: [Double]

    /// One column by its place.
    func column(_ index: Int) -> [Double] {
      stride(from: index, to: values.count, by: table.columns.count).map { values[$0] }
    }
  }

  /// What a table or a finding is called.
  private struct Key: Hashable {
    let name: String
    let subject: String
  }

  public private(set) var phases: [String] = []
  /// In the order of their first rows.
  public private(set) var tables: [Filled] = []
  private var index: [Key: Int] = [:]
  private var findings: [Key: String] = [:]

  public init() {}

  public mutating func add(_ note: Note) {
    switch note {
    case .phase(let name): phases.append(name)
    case .finding(let name, let subject, let json):
      findings[Key(name: name, subject: subject)] = json
    case .rows(let table, let values):
      let key = Key(name: table.name, subject: table.subject)
      if let index = index[key] {
        tables[index].values += values
      } else {
        index[key] = tables.count
        tables.append(Filled(table: table, values: values))
      }
    }
  }

  /// Every table of a declaration that has its columns, in the order of their first rows: a
  /// session from elsewhere may hold anything under its name.
  public func tables<Columns: RecordedTable>(_ type: Columns.Type) -> [Recorded<Columns>] {
    tables.compactMap(Recorded.init)
  }

  /// The table of `subject`; nil where nothing was recorded.
  public func table<Columns: RecordedTable>(
    _ type: Columns.Type, of subject: String = ""
  ) -> Recorded<Columns>? {
    index[Key(name: Columns.name, subject: subject)].flatMap { Recorded(tables[$0]) }
  }

  /// What was found of `subject`; nil where nothing was, or it cannot be read.
  public func finding<Value>(_ finding: Finding<Value>, of subject: String) -> Value? {
    findings[Key(name: finding.name, subject: subject)].flatMap {
      JSONText.decode(Value.self, from: $0)
    }
  }

  /// Of what or whom there is such a finding, sorted.
  public func subjects<Value>(of finding: Finding<Value>) -> [String] {
    findings.keys.filter { $0.name == finding.name }.map(\.subject).sorted()
  }
}

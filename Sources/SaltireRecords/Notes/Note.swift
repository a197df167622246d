/// What an experiment records during a run. Notes are journalled, so a report needs only the
/// session, however far the run got.
public enum Note: Sendable, Equatable {
  /// A new phase of the experiment begins.
  case phase(String)
  /// Further rows of a table, concatenated; a whole number of rows.
  case rows(Table, [Double])
  /// A result about `subject` (a device or a run), encoded as JSON.
  case finding(name: String, subject: String, json: String)

  /// A table that grows row by row: its name, its subject, and its columns with units.
  public struct Table: Sendable, Hashable, Codable {
    public struct Column: Sendable, Hashable, Codable {
      public var name: String
      /// SI unit; empty for dimensionless numbers.
      public var unit: String

      public init(_ name: String, unit: String = "") {
        self.name = name
        self.unit = unit
      }
    }

    /// The name, such as "swords", the same for all devices.
    public var name: String
    /// The device or run that it describes; empty if a session has only one.
    public var subject: String
    public var columns: [Column]

    public init(_ name: String, of subject: String = "", _ columns: [Column]) {
      self.name = name
      self.subject = subject
      self.columns = columns
    }

    /// Name and subject, for display and for file names.
    public var title: String { subject.isEmpty ? name : "\(name) \(subject)" }
  }
}

/// All notes of a session, combined.
public struct Notebook: Sendable, Equatable {
  /// A table with its rows.
  public struct Filled: Sendable, Equatable {
    public var table: Note.Table
    /// Row-major values.
    public var values: [Double]

    /// One column by its index.
    func column(_ index: Int) -> [Double] {
      stride(from: index, to: values.count, by: table.columns.count).map { values[$0] }
    }
  }

  /// The key of a table or a finding.
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

  /// All tables of a declaration with its columns, in the order of their first rows. A session from
  /// elsewhere may have other columns under the same name.
  public func tables<Columns: RecordedTable>(_ type: Columns.Type) -> [Recorded<Columns>] {
    tables.compactMap(Recorded.init)
  }

  /// The table of `subject`; nil if nothing was recorded.
  public func table<Columns: RecordedTable>(
    _ type: Columns.Type, of subject: String = ""
  ) -> Recorded<Columns>? {
    index[Key(name: Columns.name, subject: subject)].flatMap { Recorded(tables[$0]) }
  }

  /// The finding about `subject`; nil if there is none or it cannot be read.
  public func finding<Value>(_ finding: Finding<Value>, of subject: String) -> Value? {
    findings[Key(name: finding.name, subject: subject)].flatMap {
      JSONText.decode(Value.self, from: $0)
    }
  }

  /// The subjects with such a finding, sorted.
  public func subjects<Value>(of finding: Finding<Value>) -> [String] {
    findings.keys.filter { $0.name == finding.name }.map(\.subject).sorted()
  }
}

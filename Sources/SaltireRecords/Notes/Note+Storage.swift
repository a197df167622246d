import Foundation
import SaltireCore

extension Note {
  /// Kinds of notes in the note table.
  private enum Kind: Int {
    case phase = 1
    case rows = 2
    case finding = 3
  }

  /// The columns of a note in the note table. The body of `rows` is a record of the table's columns
  /// and the numbers.
  var stored: (kind: Int, name: String, subject: String, body: Data) {
    switch self {
    case .phase(let name): (Kind.phase.rawValue, name, "", Data())
    case .finding(let name, let subject, let json):
      (Kind.finding.rawValue, name, subject, Data(json.utf8))
    case .rows(let table, let values):
      (Kind.rows.rawValue, table.name, table.subject, Self.body(table, values))
    }
  }

  private static func body(_ table: Table, _ values: [Double]) -> Data {
    var writer = RecordWriter()
    writer.count(table.columns.count)
    for column in table.columns {
      writer.text(column.name)
      writer.text(column.unit)
    }
    writer.numbers(values)
    return Data(writer.bytes)
  }

  /// Reads a note; nil if it is invalid.
  ///
  /// - Parameter tables: the tables read so far, by their names, because all rows of a table have
  ///   the same columns.
  init?(
    kind: Int, name: String, subject: String, body: Data, tables: inout [Table: Table]
  ) {
    switch Kind(rawValue: kind) {
    case nil: return nil
    case .phase: self = .phase(name)
    case .finding:
      self = .finding(name: name, subject: subject, json: String(decoding: body, as: UTF8.self))
    case .rows:
      guard let (columns, values) = Self.rows(body) else { return nil }
      let table = Table(name, of: subject, columns)
      let key = Table(name, of: subject, [])
      guard tables[key, default: table] == table else { return nil }
      tables[key] = table
      self = .rows(table, values)
    }
  }

  private static func rows(_ body: Data) -> (columns: [Table.Column], values: [Double])? {
    var reader = RecordReader(Array(body))
    do throws(SaltireCore.RecordError) {
      var columns: [Table.Column] = []
      for _ in 0..<(try reader.count()) {
        columns.append(Table.Column(try reader.text(), unit: try reader.text()))
      }
      let values = try reader.numbers()
      try reader.finish()
      guard !columns.isEmpty, values.count % columns.count == 0 else { return nil }
      return (columns, values)
    } catch {
      return nil
    }
  }
}

/// The keys of a file, or of a section of it, as users look them up.
public struct KeyTable: Sendable {
  /// One key.
  public struct Row: Sendable {
    /// `limits.devices.DEVICE.gate.max`, `arrays.ARRAY.columns[].gate`.
    public var path: String
    public var key: Declaration

    /// What holds without it, in words; empty where it must be there.
    public var fallback: String {
      switch key.presence {
      case .required: key.condition == nil ? "" : "required"
      case .default(let text), .absent(let text): text
      }
    }

    /// Whether it must be there, whatever else is.
    public var isRequired: Bool { key.presence == .required && key.condition == nil }

    func isBelow(_ path: String) -> Bool {
      self.path.hasPrefix(path + ".") || self.path.hasPrefix(path + "[].")
    }
  }

  /// Every key behind the section that it is in.
  public let rows: [Row]

  /// Every key of a file.
  public init(_ keys: [any DeclaredKey]) {
    rows = Self.rows(keys.map(\.declaration), below: "")
  }

  private init(rows: [Row]) { self.rows = rows }

  private static func rows(_ keys: [Declaration], below path: String) -> [Row] {
    keys.flatMap { key in
      [Row(path: path + key.name, key: key)] + rows(key.children, below: path + key.below)
    }
  }

  /// The keys of a section by their paths in it, or a single key.
  public func section(_ path: String) -> KeyTable {
    let below = rows.filter { $0.isBelow(path) }.map { row in
      Row(path: String(row.path.dropFirst(path.count).drop { ".[]".contains($0) }), key: row.key)
    }
    return KeyTable(rows: below.isEmpty ? rows.filter { $0.path == path } : below)
  }

  /// Those that are not in one of some sections.
  package func without(_ sections: [String]) -> KeyTable {
    KeyTable(rows: rows.filter { row in !sections.contains { row.isBelow($0) } })
  }

  /// Those that are not some keys, or in them.
  package func leavingOut(_ keys: [String]) -> KeyTable {
    KeyTable(rows: without(keys).rows.filter { !keys.contains($0.path) })
  }

  /// As a table of the reference; what must be there is in bold.
  public var markdown: String {
    let lines = rows.map { row in
      let path = row.isRequired ? "**`\(row.path)`**" : "`\(row.path)`"
      let cells = [path, row.key.values, row.fallback, row.key.sentence]
      return "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |"
    }
    return (["| key | value | default | |", "|---|---|---|---|"] + lines).joined(separator: "\n")
  }

  /// As columns.
  public var text: String {
    let cells = rows.map { row in
      [row.path, row.key.values, row.isRequired ? "required" : row.fallback, row.key.sentence]
        .map { $0.replacing("`", with: "") }
    }
    // One long entry does not push all others away.
    let widths = (0..<3).map { column in
      cells.map { $0[column].count }.filter { $0 <= 32 }.max() ?? 0
    }
    return cells.map { row in
      let padded = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: max(width - cell.count, 0))
      }
      return (padded + [row[3]]).joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

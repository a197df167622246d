import Testing

@testable import SaltireFigures

@Suite struct CSVTableTests {
  @Test func headerNamesUnits() throws {
    var table = CSVTable(columns: [.init("pulse"), .init("conductance", unit: "S")])
    try table.append([.integer(1), .number(2.5e-6)])
    try table.append([.empty, .number(.nan)])
    #expect(table.text() == "pulse,conductance [S]\n1,2.5e-06\n,nan\n")
    #expect(throws: CSVTableError(expected: 2, found: 1)) { try table.append([.empty]) }
  }

  @Test func anythingReadsBackAsWritten() throws {
    var random = SplitMix(state: 20_240_607)
    let pieces = [
      "a", ",", "\"", "\n", " ", "µ", "1", "=", "'", "\t", "\"\"", "\u{301}",
    ]
    for _ in 0..<500 {
      let width = 1 + Int(random.next() % 4)
      var table = CSVTable(columns: (0..<width).map { .init("c\($0)") })
      var expected: [[String]] = []
      for _ in 0..<(1 + random.next() % 4) {
        var row: [CSVTable.Field] = []
        var texts: [String] = []
        for _ in 0..<width {
          if random.next() % 3 == 0 {
            // Any bit pattern: denormals, infinities and all.
            let value = Double(bitPattern: random.next())
            row.append(.number(value))
            texts.append(value.isNaN ? "nan" : value.description)
            #expect(value.isNaN || Double(texts[texts.count - 1]) == value)
          } else {
            let text = (0..<random.next() % 6).map { _ in
              pieces[Int(random.next() % UInt64(pieces.count))]
            }.joined()
            row.append(text.isEmpty ? .empty : .text(text))
            texts.append(text)
          }
        }
        try table.append(row)
        expected.append(texts)
      }
      let read = Self.parse(table.text())
      try #require(
        read.dropFirst().map { $0.map { Array($0.utf8) } }
          == expected.map { $0.map { Array($0.utf8) } })
    }
  }

  /// A reader after RFC 4180 on its own terms, ending lines at line feeds outside quotes.
  private static func parse(_ text: String) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field = String.UnicodeScalarView()
    var isQuoted = false
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "\"" where isQuoted && scalars.first == "\"":
        scalars.removeFirst()
        field.append(scalar)
      case "\"":
        isQuoted.toggle()
      case ",", "\n":
        if isQuoted {
          field.append(scalar)
          continue
        }
        row.append(String(field))
        field = .init()
        if scalar == "\n" {
          rows.append(row)
          row = []
        }
      default:
        field.append(scalar)
      }
    }
    return rows
  }
}

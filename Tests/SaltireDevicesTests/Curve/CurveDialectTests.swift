import Foundation
import SaltireCore
import Testing

@testable import SaltireDevices

/// How files are written: separators, numbers, units, headers, encodings.
@Suite struct CurveDialectTests {
  private static let made = MadeCurve()

  private static func micro(_ value: Double) -> String {
    String(format: "%.4f", value * 1e6)
  }

  private static func text(_ lines: String...) -> String {
    (lines + made.rows()).joined(separator: "\n") + "\n"
  }

  private static var files: [(String, String)] {
    let comma = made.text()
    return [
      ("comma", comma), ("tab", made.text(separator: "\t")),
      ("blanks", made.text(separator: "   ")),
      ("semicolon", made.text(separator: ";")), ("comma and blank", made.text(separator: ", ")),
      (
        "decimal comma",
        made.text(separator: ";") { "\($0)".replacing(".", with: ",") }
      ),
      ("decimal comma, tab", made.text(separator: "\t") { "\($0)".replacing(".", with: ",") }),
      ("decimal comma, blank", made.text(separator: " ") { "\($0)".replacing(".", with: ",") }),
      ("quoted", made.text { "\"\($0)\"" }),
      ("D exponents", made.text { "\($0)".replacing("e", with: "D") }),
      ("plus signs", made.text { "+\($0)" }),
      ("trailing", made.rows().map { $0 + "," }.joined(separator: "\n")),
      ("carriage return", comma.replacing("\n", with: "\r\n")),
      ("old line ends", comma.replacing("\n", with: "\r")),
      ("byte-order mark", "\u{FEFF}" + comma),
      ("comments", text("# made", "% up, down", "// that was all") + "# end\n"),
      ("header", text("up,down")), ("other header", text("\"G up\",\"G down\"")),
      ("three header lines", text("Potentiation,Depression", "S,S", "dev 3,dev 3")),
      ("order by name", "LTD;LTP\n" + made.rows().map(swapped).joined(separator: "\n")),
      ("blank lines at the ends", "\n\n" + comma + "\n\n"),
      (
        "comment as header",
        "# down up\n" + made.rows().map(swapped).joined(separator: "\n").replacing(";", with: " ")
      ),
      ("units in names", "up (µS),down (µS)\n" + made.text(cell: micro)),
      ("units in brackets", "G_up [uS],G_down [uS]\n" + made.text(cell: micro)),
      ("units behind a slash", "G_up/µS,G_down/µS\n" + made.text(cell: micro)),
      ("a line of units", "up,down\nuS,uS\n" + made.text(cell: micro)),
      ("units in cells", made.text { micro($0) + " uS" }),
      ("units in cells, close", made.text { micro($0) + "µS" }),
      (
        "pulse numbers",
        "pulse,up,down\n"
          + made.rows().enumerated().map { "\($0 + 1),\($1)" }.joined(separator: "\n")
      ),
      (
        "pulse numbers without names",
        made.rows().enumerated().map { "\($0 + 1),\($1)" }.joined(separator: "\n")
      ),
      (
        "times and voltages",
        "t (s),V (V),up (S),down (S)\n"
          + made.rows().enumerated().map { "\(Double($0) / 7),4,\($1)" }.joined(separator: "\n")
      ),
    ]
  }

  private static func swapped(_ row: String) -> String {
    row.split(separator: ",").reversed().joined(separator: ";")
  }

  @Test(arguments: files) func isReadAsTheSameCurve(name: String, text: String) throws {
    let decoded = try CurveText.decoded(Array(text.utf8), file: "f.csv")
    let curve = try MeasuredCurve(decoded, file: "f.csv")
    #expect(Self.made.agrees(with: curve), "\(name): \(curve.summary)")
    let hasUnit =
      text.contains("S)") || text.contains("uS") || text.contains("µS") || text.contains("S,S")
    #expect(curve.unit == (hasUnit ? "S" : ""), "\(name)")
  }

  @Test(arguments: [
    ("comma-separated", ","), ("tab-separated", "\t"), ("semicolon-separated", ";"),
    ("separated by blanks", " "),
  ])
  func whatWasUnderstoodIsSaid(name: String, separator: String) throws {
    let made = MadeCurve(up: 31, down: 27)
    let text = made.text(separator: separator, blank: "nan")
    let summary = try MeasuredCurve(text, file: "f.csv").summary
    #expect(
      summary
        == "f.csv: \(name); lines 1 to 31; up: column 1, 31 pulses; down: column 2, 27 pulses;"
        + " 1 cycle; in the file's unit")
  }

  @Test(arguments: ["", "NaN", "nan", "NA", "#N/A", "null", "--"])
  func shortBranchesMayBeFilledUp(blank: String) throws {
    for (up, down) in [(60, 41), (41, 60)] {
      let made = MadeCurve(up: up, down: down)
      #expect(made.agrees(with: try MeasuredCurve(made.text(blank: blank), file: "f.csv")))
    }
  }

  @Test(arguments: [String.Encoding.utf8, .utf16, .utf16LittleEndian, .utf16BigEndian, .isoLatin1])
  func encodings(_ encoding: String.Encoding) throws {
    let text = "up (µS),down (µS)\r\n" + Self.made.text(cell: Self.micro)
    let bytes = Array(try #require(text.data(using: encoding)))
    let curve = try MeasuredCurve(CurveText.decoded(bytes, file: "f.csv"), file: "f.csv")
    #expect(Self.made.agrees(with: curve) && curve.unit == "S")
  }

  @Test(arguments: [
    ("PK\u{3}\u{4}....[Content_Types].xml", "XLSX"),
    ("PK\u{3}\u{4}..mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "ODS"),
    ("PK\u{3}\u{4}....up.npy", "NPZ"), ("PK\u{3}\u{4}....curve.csv", "ZIP"),
    ("MATLAB 5.0 MAT-file, Platform", "MAT"), ("MATLAB 7.3 MAT-file, Platform", "MAT"),
    ("%PDF-1.7", "PDF"), ("SQLite format 3\u{0}", "session"), ("1,2\u{0}\u{0}\u{0}3", "not a text"),
  ])
  func whatIsNoTextSaysHowToSaveIt(head: String, says: String) {
    #expect {
      try CurveText.decoded(Array(head.utf8), file: "f.xlsx")
    } throws: { error in
      "\(error)".hasPrefix("f.xlsx: ") && "\(error)".contains(says)
    }
  }

  @Test func binaryHeadsSayHowToSaveIt() {
    for (head, says) in [
      ([0xD0, 0xCF, 0x11, 0xE0] as [UInt8], "XLS"),
      ([0x89] + Array("HDF\r\n\u{1A}\n".utf8), "HDF5"),
      ([0x93] + Array("NUMPY".utf8), "NPY"), ([0x1F, 0x8B, 8, 0], "gzip"),
    ] {
      #expect { try CurveText.decoded(head, file: "f") } throws: { "\($0)".contains(says) }
    }
  }

  @Test(arguments: [
    (6, "1.7;2.4", "f.csv:6:1: expected a number in column 1, found \"1.7;2.4\""),
    (3, "2e-6,1e999", "f.csv:3:6: expected a number below 1e30, found \"1e999\""),
    (9, "2e-6,inf", "f.csv:9:6: expected a number in column 2, found \"inf\""),
    (4, "2e-6,,", "f.csv:4:6: a read of column 2 is missing between others"),
    (5, "nan,nan", "f.csv:5:1: a read of column 1 is missing between others"),
    (5, ",", "f.csv:5:1: a read of column 1 is missing between others"),
    (5, "overflow,overflow", "f.csv:6:1: expected numbers, found \"overflow overflow\""),
    (5, "nan,2e-6", "f.csv:5:1: a read of column 1 is missing between others"),
    (7, "1 uS,2e-6", "f.csv:"),
    (8, "x,2e-6", "f.csv:8:1: expected a number in column 1, found \"x\""),
  ])
  func faultsNameTheirPlace(line: Int, row: String, says: String) throws {
    var rows = Self.made.rows()
    rows[line - 1] = row
    let error = try #require(refusal(rows.joined(separator: "\n")))
    #expect("\(error)".hasPrefix(says), "\(error)")
  }

  @Test func aDecimalCommaThatCouldBeASeparatorIsAskedFor() throws {
    let text = (0..<40).map { "\($0 / 10),\($0 % 10)" }.joined(separator: "\n")
    let error = try #require(refusal(text))
    #expect(error.message.contains("two numbers, or one"))
    #expect(error.remedies.map(\.option).contains { $0.hasPrefix("--decimal comma") })
    #expect(refusal("conductance\n" + text)?.remedies.first?.key == "decimal")
    let plain = try MeasuredCurve(
      "up,down\n" + (0..<40).map { "\($0),\(39 - $0)" }.joined(separator: "\n"), file: "f.csv")
    #expect(plain.cycles[0].down.first == 39)
    var format = CurveFormat()
    format.decimal = .comma
    let falling = (0..<40).reversed().map { "\($0 / 10),\($0 % 10)" }.joined(separator: "\n")
    let curve = try MeasuredCurve(text + "\n" + falling, file: "f.csv", format: format)
    #expect(curve.cycles[0].up.prefix(3) == [0, 0.1, 0.2] && curve.cycles[0].down.last == 0)
  }

  @Test(arguments: ["", "\n\n", "# only\n", "up,down\n", "words\nand more\n", ",,,\n,,,\n"])
  func filesWithoutNumbersAreRefused(text: String) {
    #expect(refusal(text) != nil)
  }
}

import Foundation
import Testing

@testable import SaltireCore
@testable import saltire

/// The tables of keys in the reference are made from the declarations.
/// `SALTIRE_RECORD=1` writes them anew, which `make reference` does.
@Suite struct ReferenceTests {
  @Test(arguments: [
    "protocol-files", "bench-files", "network-protocols", "definition-files", "device-models",
  ])
  func theReferenceIsWhatIsDeclared(page: String) throws {
    let file = Command.root.appendingPathComponent("Documentation/reference/\(page).md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let tables = text.matches(of: Self.table)
    #expect(!tables.isEmpty)
    let made = try text.replacing(Self.table) { match in
      let others = tables.filter { $0.kind == match.kind && $0.section != match.section }
      let table = try Self.table(
        String(match.kind), String(match.section), without: others.map { String($0.section) },
        besides: match.besides.map(String.init))
      return "\(match.head)\n\(table)\n<!-- end of keys -->"
    }
    if ProcessInfo.processInfo.environment["SALTIRE_RECORD"] == "1" {
      return try Data(made.utf8).write(to: file)
    }
    #expect(text == made, "run make reference")
  }

  /// Every key of every kind of file stands on a page.
  @Test func nothingIsLeftOut() throws {
    let folder = Command.root.appendingPathComponent("Documentation/reference")
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".md") }
      .map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
      .joined()
    for kind in KeysCommand.kinds {
      for row in KeyTable(try #require(KeysCommand.keys(of: kind))).rows {
        let line = KeyTable([Alone(declaration: row.key)]).markdown.split(separator: "\n")[2]
        let cells = line.drop { $0 != " " }.dropFirst().drop { $0 != " " }
        #expect(pages.contains(cells), "\(kind): \(row.path)")
      }
    }
  }

  /// `<!-- keys KIND SECTION -->`; a dot is the whole, `besides KIND` leaves out what another
  /// page tells, and a section that has a table of its own is one line of another.
  private static var table: Regex<Table> {
    /(?s)(?<head><!-- keys (?<kind>[\w-]+) (?<section>\S+)(?: besides (?<besides>\S+))? -->).*?<!-- end of keys -->/
  }

  private typealias Table = (
    Substring, head: Substring, kind: Substring, section: Substring, besides: Substring?
  )

  private static func table(
    _ kind: String, _ section: String, without others: [String], besides other: String?
  ) throws -> String {
    let whole = KeyTable(try #require(KeysCommand.keys(of: kind), "\(kind)"))
    let told = try other.map { try #require(KeysCommand.keys(of: $0)).map(\.name) } ?? []
    let rest = whole.without(others.filter { section == "." || $0.hasPrefix(section + ".") })
    let table = section == "." ? rest : rest.section(section).leavingOut(told)
    #expect(!table.rows.isEmpty, "\(kind) \(section)")
    return table.markdown
  }
}

/// A key without those below it.
private struct Alone: DeclaredKey {
  let name = ""
  let declaration: Declaration
}

import Foundation
import Testing

/// Nothing that comes from outside can end the process by a conversion, a range or an
/// index: the files that take it are listed in Tests/Outside.txt, with every line that
/// could, and why it cannot.
@Suite struct OutsideTests {
  /// Conversions that trap, ranges, and subscripts.
  private static var trap: Regex<Substring> {
    /\bU?Int(?:8|16|32|64)?\((?!exactly:|clamping:|truncatingIfNeeded:|bitPattern:|count:|ascii:)|\.\.[<.]|[A-Za-z0-9_\])?!}]\[/
  }

  private struct File {
    let path: String
    /// The lines that are allowed, and why.
    var exceptions: [String: String] = [:]
  }

  private static func files() throws -> [File] {
    let text = try String(
      contentsOf: Command.root.appendingPathComponent("Tests/Outside.txt"), encoding: .utf8)
    var files: [File] = []
    var line = ""
    for entry in text.split(separator: "\n") where !entry.hasPrefix("#") {
      if entry.hasPrefix("    ") {
        files[files.count - 1].exceptions[line] = String(entry.dropFirst(4))
      } else if entry.hasPrefix("  ") {
        line = String(entry.dropFirst(2))
      } else {
        files.append(File(path: String(entry)))
      }
    }
    return files
  }

  /// Lines that convert, range or index, without texts and comments.
  private static func dangerous(_ line: Substring) -> Bool {
    let code = line.replacing(/"(?:\\.|[^"\\])*"/, with: "\"\"")
    if code.drop(while: \.isWhitespace).hasPrefix("//") { return false }
    let head = code.firstRange(of: " //").map { code[..<$0.lowerBound] } ?? code[...]
    return head.contains(trap)
  }

  @Test func whatComesFromOutsideIsChecked() throws {
    let files = try Self.files()
    #expect(files.count >= 20)
    for file in files {
      let text = try String(
        contentsOf: Command.root.appendingPathComponent(file.path), encoding: .utf8)
      var unused = Set(file.exceptions.keys)
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      where Self.dangerous(line) {
        let code = line.trimmingCharacters(in: .whitespaces)
        unused.remove(code)
        if file.exceptions[code] == nil {
          Issue.record("\(file.path):\(index + 1) is neither checked nor listed: \(code)")
        }
      }
      for line in unused { Issue.record("\(file.path) has no such line any more: \(line)") }
      #expect(file.exceptions.values.allSatisfy { $0.count > 5 })
    }
  }

  @Test(arguments: [
    ("let n = Int(number)", true), ("let n = Int(exactly: number)", false),
    ("for i in 0..<count {", true), ("return bytes[position]", true),
    ("return bytes.element(at: position)", false), ("let a: [UInt8] = []", false),
    ("/// bytes[0]", false), ("let text = \"0..<1\"", false), ("f(x) // bytes[0]", false),
    ("let w = UInt16(byte)", true), ("UInt8(ascii: \"a\")", false), ("a = (0...most)", true),
  ])
  func theRuleKnowsWhatTraps(code: String, isDangerous: Bool) {
    #expect(Self.dangerous(code[...]) == isDangerous)
  }
}

import Foundation
import Testing

/// Every message that the program can print, in one file that a reviewer reads from top to
/// bottom: a change of a sentence is a change to look at. `SALTIRE_RECORD=1` writes the file
/// anew.
///
/// A message is a string literal of the program's modules that has two words: letters, a space
/// and another word or an interpolation. That is more than diagnostics, failures, hints,
/// warnings, help and captions, so none of them is missed. Left out are literals in another
/// language: SQL by its first word, markup by its bracket, and the files in `code`. What only
/// developers run, `SaltireTesting` and `saltire-measure`, is left out too.
@Suite struct MessagesTests {
  /// Files of Lua, HTML, CSS, YAML and SQL.
  private static let code: Set<String> = [
    "SaltireFigures/Page/HTMLStyle.swift", "SaltireFigures/Page/HTMLWriter.swift",
    "SaltireFigures/SVG/SVGWriter.swift", "SaltireInstruments/Definition/Scaffold.swift",
    "SaltireRecords/Session/SessionFormat.swift", "SaltireRig/Engines/Script.swift",
    "SaltireSimulation/TSP/Prelude.swift", "SaltireSimulation/TSP/SwitchCards.swift",
    "SaltireSimulation/TSP/TriggerModel.swift",
  ]

  private static func isMessage(_ text: String) -> Bool {
    let words = /[A-Za-z)'’]{2,}[,:;.)']* (?:[A-Za-z('"]|\\\(…|–)|\\\(…\)[,:;.)']* [A-Za-z]{2,}/
    let other = /\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|ALTER|<)/
    return text.firstMatch(of: words) != nil && text.prefixMatch(of: other) == nil
  }

  private static func messages() throws -> String {
    let sources = Command.root.appendingPathComponent("Sources")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path).sorted()
    var lines: [String] = []
    for path in paths where path.hasSuffix(".swift") && !code.contains(path) {
      guard !path.hasPrefix("SaltireTesting/"), !path.hasPrefix("saltire-measure/") else {
        continue
      }
      let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
      let messages = SwiftLiterals(text).texts.filter(isMessage).map { message in
        message.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
          .joined(separator: "\n  ")
      }
      if !messages.isEmpty { lines += ["", "# \(path)"] + messages }
    }
    return lines.dropFirst().joined(separator: "\n") + "\n"
  }

  @Test func everyMessageIsAsAReviewerReadIt() throws {
    let messages = try Self.messages()
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/messages.txt")
    if ProcessInfo.processInfo.environment["SALTIRE_RECORD"] == "1" {
      try Data(messages.utf8).write(to: file)
    }
    let lines = messages.split(separator: "\n")
    let expected = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let difference = lines.difference(from: expected)
    #expect(difference.isEmpty, "\(difference.map(\.self))")
    #expect(lines.count > 500)
  }

  @Test func literalsAreJoinedAndInterpolationsShown() {
    let source = #"""
      // "a comment"
      let text = "no \(kind == .a ? "such file" : "such \(folder)") in"
        + " \(path)" + "!", other = "second"
      """#
    #expect(
      SwiftLiterals(source).texts == [
        #"no \(…) in \(…)!"#, "such file", #"such \(…)"#, "second",
      ])
  }
}

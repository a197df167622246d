import Foundation
import SaltireCore
import Testing

@Suite struct ShellTextTests {
  @Test(arguments: [
    ("out/swords-001.saltire", "out/swords-001.saltire"), ("/data/Ähre/測定_1.saltire", nil),
    ("with space", "'with space'"), ("conor o'brien", "'conor o'\\''brien'"),
    ("dollar $HOME", "'dollar $HOME'"), ("back\\slash", "'back\\slash'"), ("a*[b]?", "'a*[b]?'"),
    ("~me", "'~me'"), ("", "''"), ("non\u{A0}breaking", "'non\u{A0}breaking'"),
  ])
  func quotesWhatNeedsIt(text: String, quoted: String?) {
    #expect(text.quotedForShell == quoted ?? text)
  }

  /// A shell reads back each word as it was.
  @Test func aShellReadsTheWordBack() throws {
    var random = RandomStream(seed: 7)
    let pieces = [
      "a", "B", "7", "'", "\"", "\\", "$HOME", "`id`", " ", "\t", "\n", "*", "?", "[", "]", "{a,b}",
      "~", "#", "!", "&", ";", "|", "<", ">", "(", ")", "é", "\u{301}", "測", "-", "=", "%",
      "\u{A0}",
    ]
    let words = (0..<400).map { _ in
      (0..<(1 + random.next() % 8)).map { _ in
        pieces[Int(random.next() % UInt64(pieces.count))]
      }.joined()
    }
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = [
      "-c", "printf '%s\\0' " + words.map(\.quotedForShell).joined(separator: " "),
    ]
    let output = Pipe()
    shell.standardOutput = output
    try shell.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    shell.waitUntilExit()
    // Compared as bytes: equal strings may differ in their scalars.
    #expect(bytes.split(separator: 0).map(Array.init) == words.map { Array($0.utf8) })
  }
}

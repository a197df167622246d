import Foundation
import SaltireCore
import Testing

@Suite struct FileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "saltire-files-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func finish() { try? FileManager.default.removeItem(at: folder) }

  /// A link in place of a file is replaced, and its target is unchanged.
  @Test func aFileIsWrittenThroughNoLink() throws {
    defer { finish() }
    let victim = folder.appendingPathComponent("victim")
    try Data("precious".utf8).write(to: victim)
    let file = folder.appendingPathComponent("report.html")
    try FileManager.default.createSymbolicLink(at: file, withDestinationURL: victim)
    try NewFile.write("new".utf8, to: file)
    #expect(try String(contentsOf: victim, encoding: .utf8) == "precious")
    #expect(try String(contentsOf: file, encoding: .utf8) == "new")
    try NewFile.write("newer".utf8, to: file)
    #expect(try String(contentsOf: file, encoding: .utf8) == "newer")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["report.html", "victim"])
  }

  @Test func whatCannotBeWrittenLeavesNothing() throws {
    defer { finish() }
    let file = folder.appendingPathComponent("folder")
    try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    let fault = #expect(throws: FileFailure.self) { try NewFile.write("x".utf8, to: file) }
    #expect(fault?.path == file.path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["folder"])
  }

  @Test func draftsHaveNamesThatNobodyCanTell() throws {
    defer { finish() }
    let drafts = try (0..<10).map { _ in try NewFile.draft(in: folder).lastPathComponent }
    #expect(Set(drafts).count == 10)
  }

  @Test func aFileIsReadAsFarAsItMayBeLong() throws {
    defer { finish() }
    let file = folder.appendingPathComponent("text")
    try Data("é".utf8).write(to: file)
    #expect(try BoundedFile.text(file.path, limit: 2) == "é")
    #expect(throws: BoundedFile.Refusal.tooLong(path: file.path, limit: 1)) {
      try BoundedFile.text(file.path, limit: 1)
    }
    #expect(throws: BoundedFile.Refusal.tooLong(path: "/dev/zero", limit: 1 << 20)) {
      try BoundedFile.bytes("/dev/zero", limit: 1 << 20)
    }
    try Data([0xFF]).write(to: file)
    #expect(throws: BoundedFile.Refusal.notText(path: file.path)) {
      try BoundedFile.text(file.path, limit: 2)
    }
    #expect(throws: BoundedFile.Refusal.unreadable(path: folder.path)) {
      try BoundedFile.text(folder.path, limit: 2)
    }
  }

  /// Different names get different files, also on file systems that ignore case or normalise
  /// accents.
  @Test func twoNamesNeverShareAFile() {
    let long = String(repeating: "x", count: 300)
    let all = [
      "A/1", "A-1", "A 1", "a-1", "A-1-2", "é", "e\u{301}", "Ä", "", "..", ".", "../up", long,
      long + "y", "report", "REPORT", "unnamed",
    ]
    var names = FileNames()
    let files = all.map { names.name(for: $0) }
    #expect(Set(files.map { $0.lowercased() }).count == all.count)
    #expect(files.allSatisfy { !$0.hasPrefix(".") && !$0.contains("/") && $0.utf8.count < 220 })
    #expect(files.first == "A-1")
    var again = FileNames()
    #expect(all.map { again.name(for: $0) } == files)
  }

  @Test func controlCharactersAreShown() {
    #expect(
      "a\u{1B}[31mb\r\u{7F}\u{9B}\u{202E}c\u{2066}".shown
        == "a\\u001B[31mb\\u000D\\u007F\\u009B\\u202Ec\\u2066")
    #expect("one\n\ttwo ±é".shown == "one\n\ttwo ±é")
    #expect("one\ntwo\t".shownOnOneLine == "one\\u000Atwo\\u0009")
    let rendered = Diagnostic(
      "wrong", at: SourceLocation(file: "a\nb", line: 1, column: 1, excerpt: "x\u{1B}")
    ).rendered
    #expect(rendered.contains("a\\u000Ab:1:1") && rendered.contains("x\\u001B"))
  }
}

import Foundation
import SaltireInstruments
import Testing

/// The names that instruments go by in bench files and on the command line.
@Suite struct FamilyNameTests {
  /// What a comment tells to write must be what can be written.
  @Test func everyFamilyThatAShippedBenchNamesIsThere() throws {
    let folder = Shelf.root.appendingPathComponent("instruments/benches")
    var count = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      for match in text.matches(of: #/(?:family: |sim:)([a-z0-9/]+)/#) {
        count += 1
        #expect(Shelf.library.find(String(match.1)) != nil, "\(name): \(match.1)")
      }
    }
    #expect(count > 20)
  }

  @Test(arguments: [
    ("keysight/b2900", "which one: keysight/b2901a, keysight/b2902a"),
    ("keithley/2600b", "which one: keithley/2601b"),
    ("Keithley/2636", "did you mean 'keithley/2636b'?"),
    ("keithley/2636x", "did you mean 'keithley/2636b'?"), ("acme/x", "families: "),
  ])
  func aNameThatIsNoneIsAnsweredWithThoseThatAre(name: String, hint: String) {
    #expect(Shelf.library.find(name) == nil)
    #expect(Shelf.library.hint(for: name).hasPrefix(hint), "\(Shelf.library.hint(for: name))")
  }
}

import Foundation
import SaltireCore
import SaltireInstruments
import Testing

/// What stands where root reads it: of a definition that somebody sent nothing but numbers.
@Suite struct UdevRulesTests {
  @Test func aTitleIsNoRule() throws {
    let root = Shelf.root.appendingPathComponent("instruments/keysight/33500b.yaml")
    let text = try String(contentsOf: root, encoding: .utf8)
    let rule = "ACTION==\"add\", RUN+=\"/bin/sh -c id\""
    let hostile = text.replacing(
      /(?m)^title: .*$/, with: "title: |\n  Keysight\n  \(rule)\n  Größe\n")
    var library = InstrumentLibrary()
    try library.add(Document(name: "hostile.yaml", text: hostile), name: "keysight/33500b")
    let (definition, _) = try #require(library.find("keysight/33522b"))
    #expect(definition.title.contains(rule))
    let files = UdevRules([definition]).files
    #expect(files.allSatisfy { !$0.text.contains("RUN") && $0.text.utf8.allSatisfy { $0 < 0x80 } })
    let rules = files[0].text.split(separator: "\n").filter { $0.contains("idVendor") }
    #expect(rules.count == definition.usb.count)
    #expect(
      rules.first
        == "ATTR{idVendor}==\"0957\", ATTR{idProduct}==\"2307\", ENV{ID_SALTIRE}=\"1\"")
  }

  /// A title cannot hold a line's end unseen.
  @Test func aTitleWithControlCharactersIsRefused() throws {
    let root = Shelf.root.appendingPathComponent("instruments/keysight/33500b.yaml")
    let text = try String(contentsOf: root, encoding: .utf8)
    #expect(throws: Diagnostics.self) {
      try Document(
        name: "x.yaml", text: text.replacing(/(?m)^title: .*$/, with: "title: \"a\\nRUN+=b\""))
    }
  }
}

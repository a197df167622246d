import SaltireCore
import SaltireInstruments
import Testing

@testable import SaltireSimulation

/// Nothing that another program left in an instrument matters to a run.
@Suite struct SettingTableTests {
  /// Every setting of every shipped definition is made or asked, or cannot matter, and says why.
  @Test(arguments: Shelf.library.definitions.map(\.name))
  func noSettingIsOpen(name: String) throws {
    let definition = try #require(Shelf.library.definitions.first { $0.name == name })
    let table = SettingTable(definition)
    #expect(table.rows.filter { $0.treatment == .open }.map(\.setting) == [])
    #expect(table.unneeded == [])
    #expect(!table.rows.isEmpty)
    for reason in definition.indifferent.values {
      #expect(reason.split(separator: " ").count > 1, "\(reason)")
    }
    let isUnused = table.rows.allSatisfy { $0.treatment == .unused }
    #expect(isUnused == (definition.refusal != nil))
  }

  @Test func whatHappensToASettingIsTold() throws {
    let rows = SettingTable(try Self.definition { $0 }).rows
    func treatment(_ setting: String) -> SettingTable.Treatment? {
      rows.first { $0.setting == setting }?.treatment
    }
    #expect(treatment("trigger.delay") == .set)
    #expect(treatment("line_frequency") == .asked)
    #expect(treatment("measure.nplc") == .made)
    #expect(treatment("source.list") == .made)
    #expect(treatment("beeper.state") == .indifferent("makes a sound only"))
    #expect(rows.first { $0.setting == "trigger.delay" }?.command == ":TRIGger:DELay")
  }

  /// A setting that is neither armed nor in the list is open; a reason for one that is armed, or
  /// that there is not, is not needed.
  @Test func whatIsForgottenIsOpen() throws {
    let forgotten = SettingTable(
      try Self.definition { text in
        text.split(separator: "\n", omittingEmptySubsequences: false)
          .filter { !$0.contains("set: \":TRIG:DEL 0\"") && !$0.hasPrefix("  average: ") }
          .joined(separator: "\n")
      })
    let open = forgotten.rows.filter { $0.treatment == .open }.map(\.setting)
    #expect(Set(open) == ["trigger.delay", "average.count", "average.control"])
    #expect(forgotten.openCount == 3)
    let excused = SettingTable(
      try Self.definition {
        $0.replacing(
          "\nindifferent:\n", with: "\nindifferent:\n  trigger.delay: none of it\n  nose: no such\n"
        )
      })
    #expect(excused.unneeded == ["nose", "trigger.delay"])
  }

  private static func definition(_ edit: (String) -> String) throws -> Definition {
    let text = edit(try #require(Shelf.library.texts["keithley/2400"]))
    return try Definition(Document(name: "2400.yaml", text: text), name: "keithley/2400")
  }
}

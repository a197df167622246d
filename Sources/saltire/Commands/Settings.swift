import ArgumentParser
import Foundation
import SaltireInstruments
import SaltireSimulation

struct SettingsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "List the settings of an instrument family, and what a run does with each.",
    discussion: """
      Another program or a hand at the front panel may have left any of them in any state. Each is \
      set and read back when a bench is armed, asked and compared with the bench file, made by \
      every run, or cannot matter. One that is open is none of these.
      """)

  @Argument(help: "The family or a model of it, as in 'keithley/2400'; all families without it.")
  var family: String?

  func run() async throws {
    try await reporting {
      let library = try InstrumentLibrary.shipped()
      guard let family else {
        for definition in library.definitions {
          Console.print(Self.summary(of: definition, SettingTable(definition)))
        }
        return
      }
      let definition =
        try library.definitions.first { $0.name == family.lowercased() }
        ?? library.family(family).definition
      let table = SettingTable(definition)
      let widths = [table.rows.map(\.setting.count).max(), table.rows.map(\.command.count).max()]
      for row in table.rows {
        let cells = zip([row.setting, row.command], widths).map { cell, width in
          cell.padding(toLength: width ?? 0, withPad: " ", startingAt: 0)
        }
        Console.print((cells + [row.treatment.text]).joined(separator: "  "))
      }
      Console.print(Self.summary(of: definition, table))
    }
  }

  private static func summary(of definition: Definition, _ table: SettingTable) -> String {
    "\(definition.name): "
      + (definition.refusal.map { "no bench may use it: \($0)" }
        ?? "\(table.rows.count) settings, \(table.openCount) of them open")
  }
}

extension SettingTable.Treatment {
  fileprivate var text: String {
    switch self {
    case .set: "set when armed"
    case .asked: "asked when armed"
    case .made: "set by every run"
    case .indifferent(let reason): "cannot matter: \(reason)"
    case .unused: "no bench may use it"
    case .open: "open"
    }
  }
}

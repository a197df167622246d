import Foundation
import SaltireCore
@testable import SaltireInstruments
import SaltireSimulation
import Testing

/// The exchange files against the definitions, which must say their requests,
/// and against the simulated instruments, which must give their replies.
@Suite struct ExchangesTests {
  @Test(arguments: Shelf.library.definitions.map(\.name))
  func everyDefinitionHasItsEvidence(name: String) throws {
    let file = try Shelf.exchanges(name)
    let definition = try #require(Shelf.library.definitions.first { $0.name == name })
    let exchanges = file.conversations.flatMap(\.exchanges)
    #expect(exchanges.count >= 20)
    #expect(exchanges.count { !$0.replies.isEmpty } >= 20)
    // No exchange is without a citation; some must come from the page itself
    // before a bench may use it.
    #expect(
      exchanges.count { $0.citation.basis == .printed } >= 20 || definition.refusal != nil)
  }

  /// It says the requests, its simulation gives the replies, and all that is said while a
  /// bench runs is in them.
  @Test(arguments: Shelf.library.definitions.map(\.name))
  func theDefinitionHoldsAgainstIt(name: String) throws {
    let definition = try #require(Shelf.library.definitions.first { $0.name == name })
    let faults = Evidence(try Shelf.exchanges(name), of: definition).faults
    #expect(faults == [], "\(Diagnostics(faults).rendered)")
  }

  /// Whatever differs is told, each at its line.
  @Test(
    arguments: [
      ("< 0", "< 1", "the simulation answers"), ("verb off", "verb on", "'on' says"),
      ("verb output", "verb outputs", "has no 'outputs'"), ("model 2400", "model 2409", "no model"),
      ("verb tripped", "# verb tripped", "no exchange shows 'tripped'"),
    ])
  func aDifferenceIsTold(old: String, new: String, message: String) throws {
    let definition = try #require(Shelf.library.definitions.first { $0.name == "keithley/2400" })
    let text = try Shelf.exchangeText("keithley/2400")
    let line = try #require(text.range(of: "\n\(old)"), "\(old)")
    let changed = try ExchangeFile(
      name: "x.exchanges", text: text.replacingCharacters(in: line, with: "\n\(new)"))
    let faults = Evidence(changed, of: definition).faults
    #expect(faults.contains { $0.message.contains(message) }, "\(faults.map(\.message))")
  }
}

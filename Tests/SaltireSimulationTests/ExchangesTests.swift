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
    for conversation in file.conversations {
      #expect(definition.model(named: conversation.model.value) != nil)
    }
    // All that is said while a bench runs is in it.
    let spoken = Set(file.conversations.flatMap { $0.spoken.map(\.verb.name) })
    let said = Set(definition.verbs.keys).union(definition.queries.keys)
    let all = definition.refusal == nil ? said.union(["arm"]) : said
    #expect(spoken == all)
  }

  @Test(arguments: Shelf.library.definitions.map(\.name))
  func theDefinitionSaysTheRequests(name: String) throws {
    let definition = try #require(Shelf.library.definitions.first { $0.name == name })
    for conversation in try Shelf.exchanges(name).conversations {
      for (verb, exchanges) in conversation.spoken {
        let said = try #require(definition.says(verb), "\(verb.location.reference)")
        let requests = exchanges.map(\.request)
        #expect(Array(requests.prefix(said.count)) == said, "\(verb.location.reference)")
        guard verb.name == "arm", requests.count >= said.count else { continue }
        for (setting, answered) in zip(definition.arm, stride(from: 1, to: said.count, by: 2)) {
          let reply = try #require(exchanges[answered].replies.first)
          let expected = setting.expected.filled(verb.values)
          let wanted = ExchangeFile.Reply(text: expected, isApproximate: true)
          #expect(
            wanted.matches(reply.text.trimmingCharacters(in: ["\""])),
            "\(exchanges[answered].location.reference): \(expected)")
        }
      }
    }
  }

  @Test(arguments: Shelf.library.definitions.map(\.name))
  func theSimulationGivesTheReplies(name: String) throws {
    let vendor = name.split(separator: "/")[0]
    for conversation in try Shelf.exchanges(name).conversations {
      let lab = Shelf.lab("\(vendor)/\(conversation.model.value)", ohms: 1e6)
      for exchange in conversation.exchanges {
        let lines = lab.tell(exchange.request)
        let place = exchange.location.reference
        #expect(
          lines.count == exchange.replies.count, "\(place): \(exchange.request) gives \(lines)")
        for (line, reply) in zip(lines, exchange.replies) {
          #expect(
            reply.matches(line), "\(place): \(exchange.request) gives \(line.debugDescription)")
        }
      }
    }
  }
}

extension Definition {
  /// What is sent for a verb, a question, or all of arming, message by message.
  fileprivate func says(_ verb: ExchangeFile.Verb) -> [String]? {
    func question(_ template: Template) -> String {
      let text = template.filled(verb.values)
      return dialect == .tsp ? "print(\(text))" : text
    }
    if verb.name == "arm" {
      return arm.flatMap { [$0.set.filled(verb.values), question($0.get)] }
    }
    return verbs[verb.name]?.map { $0.filled(verb.values) }
      ?? queries[verb.name].map { [question($0)] }
  }
}

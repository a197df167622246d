import SaltireCore
import SaltireInstruments
import SaltireSimulation
import Testing

/// The beginnings of definitions pass as far as they can: what they lack is
/// marked, and nothing else.
@Suite struct ScaffoldTests {
  @Test(arguments: [Definition.Role.sourceMeter, .pulseSource])
  func aScaffoldCanBeReadAndSimulated(role: Definition.Role) throws {
    let scaffold = try #require(Scaffold(vendor: "acme", model: "X100", role: role))
    let definition = try Definition(
      Document(name: "x100.yaml", text: scaffold.definition), name: "acme/x100")
    #expect(definition.role == role)
    let model = try #require(definition.model(named: "x100"))
    let file = try ExchangeFile(name: "x100.exchanges", text: scaffold.exchanges)
    var plan = LabPlan(instruments: [
      .init(name: "it", definition: definition, model: model, nodes: ["1": "node"])
    ])
    plan.resistors = [.init(node: "node", ohms: 1e6)]
    for conversation in file.conversations {
      let lab = SimulatedLab(plan, seed: 1)
      for exchange in conversation.exchanges {
        let lines = lab.tell(exchange.request)
        #expect(lines.count == exchange.replies.count, "\(exchange.request) gives \(lines)")
        for (line, reply) in zip(lines, exchange.replies) {
          #expect(reply.matches(line), "\(exchange.request) gives \(line)")
        }
      }
      #expect(lab.tell(":SYST:ERR?") == ["0,\"No error\""])
      // All that a bench says is in it.
      #expect(
        Set(conversation.spoken.map(\.verb.name))
          == Set(definition.verbs.keys).union(definition.queries.keys).union(["arm"]))
    }
    #expect(scaffold.definition.contains(Scaffold.mark))
    #expect(scaffold.exchanges.contains("\(Scaffold.mark), unverified"))
  }
}

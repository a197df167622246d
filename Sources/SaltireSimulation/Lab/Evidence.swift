import Foundation
public import SaltireCore
public import SaltireInstruments

/// Holds a definition against its exchanges: it must say their requests, its simulation must
/// give their replies, and they must have all that a bench says.
public struct Evidence {
  private let definition: Definition
  private let file: ExchangeFile

  public init(_ file: ExchangeFile, of definition: Definition) {
    self.definition = definition
    self.file = file
  }

  /// Everything that differs, with the place of the exchange.
  public var faults: [Diagnostic] {
    missing
      + file.conversations.flatMap { conversation -> [Diagnostic] in
        guard let model = definition.model(named: conversation.model.value) else {
          return [
            Diagnostic(
              "\(definition.name) has no model '\(conversation.model.value)'",
              at: conversation.model.location,
              hints: ["models: \(definition.models.map(\.name).joined(separator: ", "))"])
          ]
        }
        return conversation.spoken.flatMap { requests(of: $0.verb, $0.exchanges) }
          + replies(in: conversation, of: model)
      }
  }

  /// What a bench says and no exchange shows.
  private var missing: [Diagnostic] {
    let spoken = Set(file.conversations.flatMap { $0.spoken.map(\.verb.name) })
    var said = Set(definition.verbs.keys).union(definition.queries.keys)
    // What no bench uses is not armed.
    if definition.refusal == nil { said.insert("arm") }
    return said.subtracting(spoken).sorted().map {
      Diagnostic("no exchange shows '\($0)' of \(definition.name)", hints: ["add: verb \($0)"])
    }
  }

  /// Holds the requests below a verb against what the definition says for it, and for
  /// arming what must be answered against the replies.
  private func requests(
    of verb: ExchangeFile.Verb, _ exchanges: [ExchangeFile.Exchange]
  ) -> [Diagnostic] {
    guard let said = messages(of: verb) else {
      return [Diagnostic("\(definition.name) has no '\(verb.name)'", at: verb.location)]
    }
    let requests = exchanges.prefix(said.count).map(\.request)
    guard requests == said else {
      return [
        Diagnostic(
          "'\(verb.name)' says \(Self.list(said)), and the exchanges show \(Self.list(requests))",
          at: verb.location)
      ]
    }
    guard verb.name == "arm" else { return [] }
    var asked = 0
    return definition.arm.compactMap { setting in
      let answered = asked + (setting.set == nil ? 0 : 1)
      asked = answered + 1
      let expected = setting.expected.filled(verb.values)
      let wanted = ExchangeFile.Reply(text: expected, isApproximate: true)
      let reply = exchanges[answered].replies.first?.text.trimmingCharacters(in: ["\""])
      if let reply, wanted.matches(reply) { return nil }
      return Diagnostic(
        "arming expects '\(expected)', and the instrument answers '\(reply ?? "")'",
        at: exchanges[answered].location)
    }
  }

  /// What is sent for a verb, a question, or all of arming, message by message.
  private func messages(of verb: ExchangeFile.Verb) -> [String]? {
    func question(_ template: Template) -> String {
      let text = template.filled(verb.values)
      return definition.dialect == .tsp ? "print(\(text))" : text
    }
    if verb.name == "arm" {
      return definition.arm.flatMap { setting in
        (setting.set.map { [$0.filled(verb.values)] } ?? []) + [question(setting.get)]
      }
    }
    return definition.verbs[verb.name]?.map { $0.filled(verb.values) }
      ?? definition.queries[verb.name].map { [question($0)] }
  }

  /// Holds a conversation with a fresh simulated instrument, whose first channel is on 1 MΩ
  /// to ground, against its replies.
  private func replies(
    in conversation: ExchangeFile.Conversation, of model: Definition.Model
  ) -> [Diagnostic] {
    let nodes = Dictionary(uniqueKeysWithValues: model.channels.map { ($0, "node \($0)") })
    var plan = LabPlan(instruments: [
      .init(name: "it", definition: definition, model: model, nodes: nodes)
    ])
    plan.resistors = model.channels.prefix(1).map { .init(node: "node \($0)", ohms: 1e6) }
    let lab = SimulatedLab(plan, seed: 1)
    return conversation.exchanges.compactMap { exchange in
      let answer = lab.receive(Array(exchange.request.utf8) + [10], at: "it") ?? []
      // Some fill their answers up with NULs.
      let lines = answer.split { $0 == 10 || $0 == 13 }.map { $0.drop { $0 == 0 } }
        .filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
      if lines.count == exchange.replies.count,
        zip(lines, exchange.replies).allSatisfy({ $1.matches($0) })
      {
        return nil
      }
      return Diagnostic(
        "the simulation answers \(Self.list(lines)) to '\(exchange.request)', not"
          + " \(Self.list(exchange.replies.map(\.text)))", at: exchange.location)
    }
  }

  private static func list(_ texts: some Collection<String>) -> String {
    texts.isEmpty ? "nothing" : texts.map { "'\($0)'" }.joined(separator: ", ")
  }
}

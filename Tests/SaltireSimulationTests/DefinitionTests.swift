import Testing

@testable import SaltireInstruments
@testable import SaltireSimulation

/// What every shipped definition must keep to.
@Suite struct DefinitionTests {
  @Test(arguments: Shelf.library.definitions.map(\.name))
  func everyNotationIsOneAndNoTwoShareAForm(name: String) throws {
    let definition = try #require(Shelf.library.definitions.first { $0.name == name })
    // Of what is simulated only, as much as other people's programs send.
    let isWhole = definition.role != .switch && definition.refusal == nil
    #expect(definition.tree.count > (isWhole ? 60 : 15))
    if definition.dialect == .lines {
      // A line is for the first command in it: none may hide behind another.
      for (place, node) in definition.tree.enumerated() {
        #expect(definition.node(in: node.notation) == definition.tree[place])
      }
    }
    guard definition.dialect == .scpi else { return }
    let index = CommandIndex<String>()
    for node in definition.tree {
      let notation = try #require(Notation(node.notation), "\(node.notation)")
      index.add(notation, node.notation)
    }
    for node in definition.tree {
      for form in try #require(Notation(node.notation)).shortForms {
        #expect(index.find(form) == node.notation, "\(form)")
      }
    }
  }

  /// No identity is two families', and no USB device.
  @Test func everyIdentityAndUSBDeviceIsOfOneFamily() throws {
    let definitions = Shelf.library.definitions
    for name in Shelf.library.names {
      let lab = Shelf.lab(name)
      let reply = lab.ask("*IDN?")
      guard let identity = Identity(reply: reply) else {
        // Not as the standard has it: known by all that it says, and on no bench.
        let (definition, _) = try #require(Shelf.library.find(name))
        #expect(definition.refusal != nil, "\(name)")
        let known = definitions.filter {
          ExchangeFile.Reply(text: $0.identityReply.text, isApproximate: false).matches(reply)
        }
        #expect(known.map(\.name) == [definition.name])
        continue
      }
      #expect(definitions.count { $0.model(of: identity) != nil } == 1, "\(name)")
      let (_, model) = try #require(Shelf.library.find(identity))
      #expect(name.hasSuffix("/\(model.name.lowercased())"))
    }
    let devices = definitions.flatMap(\.usb)
    #expect(Set(devices).count == devices.count)
    #expect(Set(Shelf.library.names).count == Shelf.library.names.count)
  }

  /// What every role must be able to do is there, and every setting of arming is
  /// asked back; limits are what the bench says.
  @Test(arguments: Shelf.library.definitions.map(\.name))
  func everySafeSequenceAndLimitIsThere(name: String) throws {
    let definition = try #require(Shelf.library.definitions.first { $0.name == name })
    if let reason = definition.refusal {
      // A bench that is refused must be told why, and finds nothing to send.
      #expect(reason.split(separator: " ").count >= 5)
      #expect(definition.arm.isEmpty && definition.verbs.isEmpty && definition.queries.isEmpty)
      return
    }
    #expect(Set(definition.verbs.keys) == Set(definition.role.verbs.keys))
    #expect(Set(definition.queries.keys) == definition.role.queries)
    for (verb, commands) in definition.verbs { #expect(!commands.isEmpty, "\(verb)") }
    #expect(!definition.offReply.isEmpty)
    for setting in definition.arm {
      #expect(!setting.get.text.isEmpty && !setting.expected.text.isEmpty)
    }
    let limits: [String]
    switch definition.role {
    case .sourceMeter: limits = ["{current}", "{voltage_range}", "{current_range}"]
    case .pulseSource: limits = ["{voltage}", "{width}", "{period}"]
    // It limits nothing; what is safe is that nothing is closed.
    case .switch: limits = []
    }
    for limit in limits {
      #expect(
        definition.arm.contains {
          $0.set?.text.contains(limit) == true && $0.expected.text.contains(limit)
        },
        "\(limit)")
    }
    // A generator's load stands before the first level that is not zero.
    if definition.role == .pulseSource {
      let sets = definition.arm.map { $0.set?.text ?? "" }
      let load = try #require(sets.firstIndex { $0.contains("LOAD") || $0.contains("IMP") })
      let level = try #require(sets.firstIndex { $0.contains("{voltage}") })
      #expect(load < level)
    }
  }

  @Test func everyNamedBoundIsANumberOfEveryModel() {
    for definition in Shelf.library.definitions {
      for node in definition.tree {
        for case (_, .number(let number)) in node.settings {
          for case .named(let name)? in [number.minimum, number.maximum, number.initial] {
            for model in definition.models {
              #expect(model.numbers[name] != nil, "\(model.name): \(node.notation): \(name)")
            }
          }
        }
      }
    }
  }

  @Test(arguments: Shelf.library.names)
  func everySettingIsToldAfterAReset(name: String) throws {
    let (definition, model) = try #require(Shelf.library.find(name))
    // What is found in lines has no question for a setting.
    if definition.dialect == .lines { return }
    let lab = Shelf.lab(name)
    for node in definition.tree {
      if case .action = node.role { continue }
      if case .assignment = node.role { continue }
      switch definition.dialect {
      case .scpi:
        // A reading needs the output on, and errors are asked for below.
        if case .query = node.role { continue }
        let form = try #require(Notation(node.notation)?.shortForms.first)
        #expect(lab.tell("\(form)?").count == 1, "\(form)?")
      case .tsp:
        for channel in model.channels {
          let attribute = node.notation.split(separator: ".").map {
            $0 == "smuX" ? channel : String($0)
          }
          .joined(separator: ".")
          let lines = lab.tell("print(\(attribute))")
          #expect(lines.count == 1 && lines.first != "nil", "\(attribute)")
        }
      case .lines: break
      }
    }
    // One that has no question for errors tells none.
    if definition.dialect == .scpi,
      !definition.tree.contains(where: { $0.role == .query("next_error") })
    {
      return
    }
    let clean = definition.dialect == .tsp ? "print(errorqueue.count)" : "SYST:ERR?"
    let answer = definition.dialect == .tsp ? "0.00000e+00" : definition.style.noError
    #expect(lab.tell(clean) == [answer])
  }

  @Test(arguments: Shelf.library.names)
  func everyConstantIsKnown(name: String) throws {
    let (definition, model) = try #require(Shelf.library.find(name))
    guard definition.dialect == .tsp else { return }
    let lab = Shelf.lab(name)
    for (constant, value) in definition.constants {
      let place = constant.split(separator: ".").map {
        $0 == "smuX" ? model.channels[0] : String($0)
      }
      #expect(lab.tell("print(\(place.joined(separator: ".")) == \(value))") == ["true"])
    }
  }
}

extension Notation {
  /// Short forms with and without all that may be left out.
  var shortForms: [String] {
    [words.filter { !$0.isOptional }, words].map { words in
      ":" + words.map(\.short).joined(separator: ":")
    }
  }
}

extension CommandIndex {
  /// What a header without a question mark names.
  func find(_ header: String) -> Value? {
    var place = self
    for word in header.split(separator: ":") {
      guard let child = place.child(word) else { return nil }
      place = child.index
    }
    return place.value
  }
}

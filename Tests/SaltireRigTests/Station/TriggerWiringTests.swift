import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltireRig
import TestRigs
import Testing

/// Trigger lines and links between instruments, as bench files say them.
@Suite struct TriggerWiringTests {
  @Test(arguments: [
    ("triggers.0.from=smu9", "this bench has no instrument 'smu9'"),
    ("triggers.0.from=gen1", "has no trigger output 1 that programs can use"),
    ("triggers.0.line=15", "has no trigger output 15 that programs can use"),
    ("triggers.0.to=gen9", "this bench has no instrument 'gen9'"),
    ("triggers.0.to=smu1", "has no trigger input that programs can use"),
    ("instruments.smu1.nodes=1", "'1' is not the node number of another instrument on the link"),
    ("instruments.smu1.nodes=2", "a 2636B has no channel 'node[3].smua'"),
    ("instruments.gen1.nodes=2", "a 33522B has no link to other instruments"),
  ])
  func whatIsWiredWrongIsSaid(setting: String, message: String) throws {
    do {
      _ = try Shipped.bench("simulated-triggered", [setting])
      Issue.record("\(setting) was accepted")
    } catch let faults as Diagnostics {
      #expect(faults.items.contains { $0.message.contains(message) }, "\(faults)")
    }
  }

  @Test func aBenchSaysWhatTimesIt() throws {
    let summary = try #require(try Shipped.bench("simulated-triggered").station).engineSummary
    #expect(summary.count == 3)
    #expect(summary[0].hasPrefix("tsp-script on smu1: "))
    #expect(summary[1].hasPrefix("arb on gen1, gen2: ") && summary[1].hasSuffix("line 1 of smu1"))
    let stepped = try #require(try Shipped.bench("simulated").station).engineSummary
    #expect(stepped[0].hasPrefix("host-stepped: "))
    #expect(stepped[1].hasPrefix("burst on gen1, gen2"))
  }

  /// Connecting asks whether all are on the link.
  @Test func nodesAreAskedFor() async throws {
    let rig = try LiveRig("simulated-triggered")
    _ = try await rig.live.connect()
    let sent = rig.sent(to: "smu1")
    #expect(
      sent == [
        "*IDN?\n", "print(tsplink.state)\n", "print(node[2].model)\n", "print(node[3].model)\n",
      ])
  }
}

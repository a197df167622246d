import ArgumentParser
import Foundation
import SaltireBenches
import SaltireInstruments
import SaltireLinks
import SaltireRig

struct Bus: AsyncParsableCommand {
  enum Action: String, ExpressibleByArgument, CaseIterable {
    case status, trigger, remote, local, clear, recover

    var title: String {
      switch self {
      case .status: "status byte"
      case .remote: "switch to remote"
      case .local: "switch to local"
      default: rawValue
      }
    }
  }

  static let configuration = CommandConfiguration(
    abstract: "Send a bus command to an instrument, or recover one that does not respond.",
    discussion: """
      status prints the status byte. trigger, remote, local and clear are the GPIB and USB488 \
      operations. recover tries to bring back an instrument that hangs, mildest step first, until \
      it answers *IDN?: query, device clear, clear halts, reset (where its definition allows it), \
      reopen.

        saltire bus USB0::0x05E6::0x2636::4012345::INSTR recover
      """)

  @OptionGroup var address: Address

  @Argument(help: "\(Action.allCases.map(\.rawValue).joined(separator: ", ")).")
  var action: Action

  func run() async throws {
    try await reporting {
      if action == .recover { return try recover() }
      let (link, _, _, lock) = try address.open(for: "saltire bus")
      defer { lock.release() }
      do throws(LinkError) {
        try perform(on: link)
        link.close()
      } catch {
        throw Failure(InstrumentFailure(address.resource, .link(error)))
      }
    }
  }

  private func perform(on link: any Link) throws(LinkError) {
    let deadline = Deadline.after(2)
    if action == .clear { return try link.recover(by: .clear, deadline: deadline) }
    guard let bus = link as? any BusControl else { throw .unsupported(action.title) }
    switch action {
    case .status:
      let byte = try bus.statusByte(deadline: deadline)
      Console.print("\(byte)  \(Self.meaning(byte))")
    case .trigger: try bus.trigger(deadline: deadline)
    case .remote: try bus.goToRemote(deadline: deadline)
    case .local: try bus.goToLocal(deadline: deadline)
    case .clear, .recover: break
    }
  }

  /// The status bits that IEEE 488.2 (11.2) and SCPI-99 (5.6) define.
  private static func meaning(_ byte: UInt8) -> String {
    let names = [
      2: "errors in the queue", 3: "questionable", 4: "message available", 5: "event", 6: "service",
      7: "operation",
    ]
    let set = (0..<8).filter { byte & (1 << UInt8($0)) != 0 }
    return set.isEmpty ? "nothing" : set.map { names[$0] ?? "bit \($0)" }.joined(separator: ", ")
  }

  /// Takes one recovery step after another and prints the result of each.
  private func recover() throws {
    var (link, terminator, _, lock) = try address.open(for: "saltire bus")
    defer {
      link.close()
      lock.release()
    }
    // Nothing can be aborted on a new link, so the first step is a query.
    let steps = link.recoverySteps.filter { $0 != .abort }
    for step in [nil] + steps.map(Optional.some) {
      let title = step?.title ?? "asked"
      do {
        if step == .reopen {
          link.close()
          lock.release()
          (link, terminator, _, lock) = try address.open(for: "saltire bus")
        } else if let step {
          try link.recover(by: step, deadline: .after(0.5))
        }
        Console.print("\(title): \(try identity(over: link, terminator))")
        return
      } catch {
        Console.print("\(title): \(Failure(any: error)?.message ?? "\(error)")")
      }
    }
    throw Failure(
      .storage, "\(address.resource) does not respond after any recovery step",
      hints: ["check --family; if it is correct, power-cycle the instrument"])
  }

  /// The identity, after skipping late replies to earlier queries.
  private func identity(over link: any Link, _ terminator: UInt8) throws(LinkError) -> Identity {
    let deadline = Deadline.after(1)
    try link.send(Array("*IDN?".utf8) + [terminator], deadline: deadline)
    while true {
      let reply = try link.receive(until: .byte(terminator), deadline: deadline)
      let text = String(decoding: reply, as: UTF8.self).trimmingCharacters(in: .newlines)
      if let identity = Identity(reply: text) { return identity }
    }
  }
}

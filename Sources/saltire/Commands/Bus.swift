internal import ArgumentParser
internal import Foundation
internal import SaltireInstruments
internal import SaltireLab
internal import SaltireLinks

struct Bus: AsyncParsableCommand {
  enum Action: String, ExpressibleByArgument, CaseIterable {
    case status, trigger, remote, local, clear, recover

    var title: String {
      switch self {
      case .status: "status byte"
      case .remote: "way to remote"
      case .local: "way to local"
      default: rawValue
      }
    }
  }

  static let configuration = CommandConfiguration(
    abstract: "Do to an instrument what is no message, also when it hangs.",
    discussion: """
      status prints its status byte; trigger, remote, local and clear are what GPIB and USB488 \
      mean by them. recover takes one step after another, mildest first, until the instrument \
      says who it is: abort, device clear, clear halts, reset where its definition allows it, \
      reopen.

        saltire bus USB0::0x05E6::0x2636::4012345::INSTR recover
      """)

  @OptionGroup var address: Address

  @Argument(help: "\(Action.allCases.map(\.rawValue).joined(separator: ", ")).")
  var action: Action

  func run() async throws {
    try await reporting {
      let library = try InstrumentLibrary.shipped()
      let link = try address.open(library)
      if action == .recover { return try recover(link, library) }
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

  /// The bits that IEEE 488.2 (11.2) and SCPI-99 (5.6) give a name.
  private static func meaning(_ byte: UInt8) -> String {
    let names = [
      2: "errors in the queue", 3: "questionable", 4: "message available", 5: "event", 6: "service",
      7: "operation",
    ]
    let set = (0..<8).filter { byte & (1 << UInt8($0)) != 0 }
    return set.isEmpty ? "nothing" : set.map { names[$0] ?? "bit \($0)" }.joined(separator: ", ")
  }

  /// Takes step after step, and tells of each what came of it.
  private func recover(_ link: any Link, _ library: InstrumentLibrary) throws {
    var link = link
    for step in link.recoverySteps {
      do {
        if step == .reopen {
          link.close()
          link = try address.open(library)
        } else {
          try link.recover(by: step, deadline: .after(0.5))
        }
        try link.send(Array("*IDN?\n".utf8), deadline: .after(0.5))
        let reply = try link.receive(until: .byte(10), deadline: .after(1))
        Console.print("\(step.title): \(String(decoding: reply.dropLast(), as: UTF8.self))")
        link.close()
        return
      } catch {
        Console.print("\(step.title): \(Failure(any: error)?.message ?? "\(error)")")
      }
    }
    link.close()
    throw Failure(
      .storage, "\(address.resource) does not answer whatever is tried",
      hints: ["switch it off and on"])
  }
}

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

  @Argument(help: "A VISA resource string.")
  var resource: String

  @Argument(help: "\(Action.allCases.map(\.rawValue).joined(separator: ", ")).")
  var action: Action

  func run() async throws {
    try await reporting {
      let resource = try Resource(argument: self.resource)
      let library = try InstrumentLibrary.shipped()
      do throws(LinkError) {
        let open = { () throws(LinkError) in try OpenBench.link(to: resource, library) }
        let link = try open()
        if action == .recover {
          try recover(link, opening: open)
        } else {
          try perform(on: link)
          link.close()
        }
      } catch {
        throw Failure(InstrumentFailure(self.resource, .link(error)))
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

  private func recover(
    _ link: any Link, opening open: () throws(LinkError) -> any Link
  ) throws(LinkError) {
    var link = link
    var last = LinkError.timeout(received: 0)
    for step in link.recoverySteps {
      do throws(LinkError) {
        if step == .reopen {
          link.close()
          link = try open()
        } else {
          try link.recover(by: step, deadline: .after(0.5))
        }
        try link.send(Array("*IDN?\n".utf8), deadline: .after(0.5))
        let reply = try link.receive(until: .byte(10), deadline: .after(1))
        Console.print("\(step.title): \(String(decoding: reply.dropLast(), as: UTF8.self))")
        link.close()
        return
      } catch {
        Console.print("\(step.title): \(error.message)")
        last = error
      }
    }
    throw last
  }
}

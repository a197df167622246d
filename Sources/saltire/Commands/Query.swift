import ArgumentParser
import Foundation
import SaltireBenches
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltireRig

struct Query: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send one command to an instrument and print its reply.",
    discussion: """
      saltire sends nothing else: no reset and no clear. It waits for a reply if the command \
      contains a question mark or prints something, or if the family is known to reply to it.

        saltire query TCPIP0::192.168.1.5::5025::SOCKET '*IDN?'
        saltire query ASRL/dev/ttyUSB0::INSTR '*IDN?' --family keithley/2400
        saltire query ASRL/dev/ttyUSB0::INSTR '*IDN?' --baud 19200 --parity even --terminator CR
        saltire query GPIB0::24::INSTR '*IDN?' --adapter ASRL/dev/ttyUSB0::INSTR
        saltire query sim:keithley/2636b 'print(smua.source.limiti)'
      """)

  @OptionGroup var address: Address

  @Argument(help: "The command.")
  var command: String

  @Option(help: "Seconds to wait for a reply.")
  var timeout = 2.0

  func run() async throws {
    try await reporting {
      let (link, terminator, definition, lock) = try address.open(for: "saltire query")
      defer { lock.release() }
      do throws(LinkError) {
        let isAnswered = definition?.answers(command) ?? Definition.isQuestion(command)
        let answer = try ask(link, terminator: terminator, isAnswered: isAnswered)
        link.close()
        if let answer { Console.print(answer) }
      } catch {
        throw Failure(InstrumentFailure(address.resource, .link(error)))
      }
    }
  }

  private func ask(_ link: any Link, terminator: UInt8, isAnswered: Bool) throws(LinkError)
    -> String?
  {
    try link.send(Array(command.utf8) + [terminator], deadline: .after(timeout))
    guard isAnswered else { return nil }
    let reply = try link.receive(until: .byte(terminator), deadline: .after(timeout))
    return String(decoding: reply, as: UTF8.self).trimmingCharacters(in: .controlCharacters)
  }
}

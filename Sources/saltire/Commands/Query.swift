internal import ArgumentParser
internal import Foundation
internal import SaltireCore
internal import SaltireInstruments
internal import SaltireLab
internal import SaltireLinks

struct Query: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send one command to an instrument and print what it answers.",
    discussion: """
      Nothing else is sent: no reset, no clearing. An answer is waited for when the command \
      has a question mark or prints something.

        saltire query TCPIP0::192.168.1.5::5025::SOCKET '*IDN?'
        saltire query ASRL/dev/ttyUSB0::INSTR '*IDN?' --family keithley/2400
        saltire query GPIB0::24::INSTR '*IDN?' --adapter ASRL/dev/ttyUSB0::INSTR
        saltire query sim:keithley/2636b 'print(smua.source.limiti)'
      """)

  @OptionGroup var address: Address

  @Argument(help: "The command.")
  var command: String

  @Option(help: "The family, for its line ending and serial settings; LF and 9600 baud without.")
  var family: String?

  @Option(help: "Seconds to wait for an answer.")
  var timeout = 2.0

  func run() async throws {
    try await reporting {
      let resource = try address.parsed()
      let name = if case .simulated(let name) = resource { name } else { family }
      let library = try InstrumentLibrary.shipped()
      let found = name.flatMap { library.find($0) }
      if let name, found == nil {
        throw Failure(.usage, "there is no family '\(name)'", hints: [library.hint(for: name)])
      }
      let link = try address.open(library, found)
      do throws(LinkError) {
        let answer = try ask(link, terminator: found?.definition.terminator(over: link) ?? 10)
        link.close()
        if let answer { Console.print(answer) }
      } catch {
        throw Failure(InstrumentFailure(address.resource, .link(error)))
      }
    }
  }

  private func ask(_ link: any Link, terminator: UInt8) throws(LinkError) -> String? {
    try link.send(Array(command.utf8) + [terminator], deadline: .after(timeout))
    guard command.contains("?") || command.contains("print") else { return nil }
    let reply = try link.receive(until: .byte(terminator), deadline: .after(timeout))
    return String(decoding: reply, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}

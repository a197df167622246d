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

  @Argument(help: "A VISA resource string, or sim:FAMILY.")
  var resource: String

  @Argument(help: "The command.")
  var command: String

  @Option(help: "The family, for its line ending and serial settings; LF and 9600 baud without.")
  var family: String?

  @Option(help: "The Prologix adapter of a GPIB instrument: its serial port or socket.")
  var adapter: String?

  @Option(help: "Seconds to wait for an answer.")
  var timeout = 2.0

  func run() async throws {
    try await reporting {
      let resource = try Self.parse(self.resource)
      let adapter = try adapter(for: resource)
      let name = if case .simulated(let name) = resource { name } else { family }
      let library = name == nil ? nil : try InstrumentLibrary.shipped()
      let found = name.flatMap { library?.find($0) }
      if let name, found == nil {
        throw Failure(
          .usage, "there is no family '\(name)'", hints: [library?.hint(for: name) ?? ""])
      }
      do throws(LinkError) {
        let link = try OpenBench.link(to: resource, found, behind: adapter)
        let answer = try ask(link, terminator: found?.definition.terminator(over: link) ?? 10)
        link.close()
        if let answer { Console.print(answer) }
      } catch {
        throw Failure(InstrumentFailure(self.resource, .link(error)))
      }
    }
  }

  private static func parse(_ text: String) throws -> Resource {
    do throws(ResourceError) {
      return try Resource(parsing: text)
    } catch {
      throw Failure(.usage, error.message)
    }
  }

  /// The adapter that the instrument is behind; nil where it is behind none.
  private func adapter(for resource: Resource) throws -> Station.Adapter? {
    guard case .gpib = resource else {
      if adapter == nil { return nil }
      throw Failure(.usage, "\(resource) is behind no adapter", hints: ["leave --adapter out"])
    }
    guard let adapter else {
      throw Failure(
        .usage, "which adapter is \(resource) behind?",
        hints: ["--adapter with \(Station.Adapter.hint)"])
    }
    let place = try Self.parse(adapter)
    guard let found = Station.Adapter(place) else {
      throw Failure(
        .usage, "\(place) is no address of a GPIB adapter", hints: [Station.Adapter.hint])
    }
    return found
  }

  private func ask(_ link: any Link, terminator: UInt8) throws(LinkError) -> String? {
    try link.send(Array(command.utf8) + [terminator], deadline: .after(timeout))
    guard command.contains("?") || command.contains("print") else { return nil }
    let reply = try link.receive(until: .byte(terminator), deadline: .after(timeout))
    return String(decoding: reply, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}

package import SaltireBenches
import SaltireInstruments
import SaltireLinks
package import SaltirePrograms
package import SaltireRig
package import SaltireSimulation
import Synchronization
import Testing

/// A simulated bench whose messages are altered on their way.
package final class AlteredRig {
  package let file: BenchFile
  package let live: LiveBench
  package let lab: SimulatedLab

  /// - Parameters:
  ///   - answer: what comes of what an instrument says.
  ///   - message: what an instrument gets of what it is sent.
  package init(
    _ bench: String, _ settings: [String] = [],
    answer: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 },
    message: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }
  ) throws {
    file = try Shipped.bench(bench, settings)
    let station = try #require(file.station)
    let lab = SimulatedLab(station.plan(wiring: file.wiring, devices: file.devices), seed: 1)
    self.lab = lab
    live = LiveBench(
      wiring: file.wiring, station: station,
      instruments: station.instruments.map { entry in
        Instrument(name: entry.name, definition: entry.definition, model: entry.model) {
          () throws(LinkError) in
          AlteringLink(try lab.open(entry.name), answer: answer, message: message)
        }
      }, clock: lab)
  }

  /// Which outputs are on, in truth.
  package var energised: [Terminal] {
    file.wiring.terminals.filter { terminal in
      guard let channel = file.station?.channels[terminal] else { return false }
      return lab.isOutputOn(channel.name, of: channel.instrument) ?? false
    }
  }

  /// Connects and arms.
  package func arm() async throws {
    _ = try await live.connect()
    try await live.arm()
  }

  /// An answer each of whose numbers that `isMeant` is `lie` instead.
  package static func replacing(
    _ isMeant: @escaping @Sendable (Double) -> Bool, by lie: String
  ) -> @Sendable ([UInt8]) -> [UInt8] {
    { bytes in
      var text = ""
      var field = ""
      for character in String(decoding: bytes, as: UTF8.self) + "\0" {
        guard ";,\t\n\r\0".contains(character) else {
          field.append(character)
          continue
        }
        text += Double(field).map(isMeant) == true ? lie : field
        field = ""
        if character != "\0" { text.append(character) }
      }
      return Array(text.utf8)
    }
  }
}

/// Passes everything on to another link, some of it altered.
private final class AlteringLink: Link {
  private let inner: any Link
  private let answer: @Sendable ([UInt8]) -> [UInt8]
  private let message: @Sendable ([UInt8]) -> [UInt8]

  init(
    _ inner: any Link, answer: @escaping @Sendable ([UInt8]) -> [UInt8],
    message: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) {
    self.inner = inner
    self.answer = answer
    self.message = message
  }

  var interrupt: LinkInterrupt { inner.interrupt }
  var isMessageBased: Bool { inner.isMessageBased }
  var recoverySteps: [RecoveryStep] { inner.recoverySteps }

  func send(_ bytes: [UInt8], deadline: Deadline) throws(LinkError) {
    try inner.send(message(bytes), deadline: deadline)
  }

  func receive(until terminator: Terminator, deadline: Deadline) throws(LinkError) -> [UInt8] {
    answer(try inner.receive(until: terminator, deadline: deadline))
  }

  func recover(by step: RecoveryStep, deadline: Deadline) throws(LinkError) {
    try inner.recover(by: step, deadline: deadline)
  }

  func close() { inner.close() }
}

import Foundation
import GRDB
import SaltireCore
import SaltireInstruments
import SaltireLinks
import SaltireTesting
import TestRigs
import Testing

@testable import SaltireBenches
@testable import SaltirePrograms
@testable import SaltireRecords
@testable import SaltireRig

@Suite struct TranscriptTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func session(_ name: String) throws -> Session {
    try Session.create(
      at: folder[name],
      manifest: Manifest(
        program: "test", created: .distantPast, experiment: "none",
        protocol: .init(name: "", text: ""), bench: .init(name: "", text: ""), attachments: [],
        settings: [:], seed: 1, limits: [:], conditions: [:]), durability: .processCrash)
  }

  /// What happened before the session began, what fills several pieces, and
  /// what failed comes back as it was, to the microsecond.
  @Test func aTranscriptIsKeptWhole() throws {
    var random = RandomStream(seed: 3, name: "wires")
    let lines = (0..<20_000).map { index -> Transcript.Line in
      let kinds: [WireEvent.Kind] = [
        .sent, .received, .recovered(.clear), .recovered(.reset), .failed(.timeout(received: 3)),
        .failed(.disconnected),
        .failed(.io(call: "recv", errno: 5)),
      ]
      let bytes = (0..<Int(random.uniform(0, 40))).map { _ in UInt8(random.uniform(0, 255.9)) }
      let kind = kinds[index < 4 ? index : Int(random.uniform(0, 6.99))]
      let event: WireEvent
      if case .recovered = kind {
        event = WireEvent(kind, time: Double(index) / 64)
      } else {
        event = WireEvent(
          kind, time: Double(index) / 64,
          bytes: index % 3 == 0 ? Array("print(1)\n".utf8) : bytes)
      }
      return .init(instrument: "smu\(index % 4)", event: event)
    }
    let session = try session("wires.saltire")
    let log = WireLog()
    for line in lines.prefix(10) { log.add(line.event, of: line.instrument) }
    log.begin(in: session)
    for line in lines.dropFirst(10) { log.add(line.event, of: line.instrument) }
    try log.finish()
    try session.close()
    let back = try Session.open(folder["wires.saltire"]).transcript()
    #expect(back.lines == lines)
    #expect(back.events(of: "smu2").count == 5000)
  }

  /// While the disk takes its time, so does no message: another may be the one that
  /// switches an output off.
  @Test func noMessageWaitsForTheDisk() throws {
    let session = try session("slow.saltire")
    let log = WireLog()
    log.begin(in: session)
    let event = WireEvent(.sent, bytes: [UInt8](repeating: 65, count: 1 << 12))
    session.database.writeWithoutTransaction { _ in
      for _ in 0..<100 { log.add(event, of: "smu1") }
    }
    try log.finish()
    try session.close()
    #expect(try Session.open(folder["slow.saltire"]).transcript().lines.count == 100)
  }

  /// A piece of a transcript that someone tampered with is refused or read,
  /// and nothing else.
  @Test func brokenPiecesAreRefused() throws {
    var writer = TranscriptWriter()
    for index in 0..<50 {
      writer.add(
        .init(
          instrument: "smu1",
          event: WireEvent(index % 2 == 0 ? .sent : .received, bytes: Array("*IDN?\n".utf8))))
    }
    let whole = writer.record.bytes
    #expect(try Transcript(record: whole).lines.count == 50)
    var random = RandomStream(seed: 4, name: "slips")
    var refused = 0
    for _ in 0..<2000 {
      var bytes = whole
      bytes[Int(random.uniform(0, Double(bytes.count)))] = UInt8(random.uniform(0, 255.9))
      if random.uniform() < 0.3 { bytes.removeLast(Int(random.uniform(0, 20))) }
      if (try? Transcript(record: bytes)) == nil { refused += 1 }
    }
    #expect(refused > 500)
  }

  /// The transcript of a bench answers for its instruments: the same programs
  /// on links that replay it measure the same.
  @Test func aTranscriptStandsInForTheInstruments() async throws {
    let program = Program([
      .pulse("GA1", level: 4, width: 0.01), .rest(0.05),
      .read(.init(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02)),
      .read(.init(drives: [.init("DC2", level: 0.1)], measures: ["RC"], integration: 0.02)),
    ])
    let rig = try await LiveRig.armed()
    let seen = try await rig.live.perform(program)
    _ = await rig.live.makeSafe()
    let transcript = Transcript(lines: rig.transcript)

    let station = try #require(rig.file.station)
    let instruments = station.instruments.map { entry in
      let events = transcript.events(of: entry.name)
      return Instrument(name: entry.name, definition: entry.definition, model: entry.model) {
        () throws(LinkError) in try ReplayLink(events)
      }
    }
    let live = LiveBench(
      wiring: rig.file.wiring, station: station, instruments: instruments,
      clock: try LiveRig().lab)
    _ = try await live.connect()
    try await live.arm()
    #expect(try await live.perform(program).currents == seen.currents)
    #expect(await live.makeSafe().isSafe)
    // Another program is not in the record.
    #expect(seen.currents.count == 2)
  }
}

import Foundation
import SaltireCore
public import SaltireLinks

/// The traffic on the links of a bench, in order of time.
public struct Transcript: Sendable, Equatable {
  /// One event and the instrument on whose link it happened.
  public struct Line: Sendable, Equatable {
    public var instrument: String
    public var event: WireEvent

    public init(instrument: String, event: WireEvent) {
      self.instrument = instrument
      self.event = event
    }
  }

  public var lines: [Line]

  public init(lines: [Line]) { self.lines = lines }

  /// The events on one instrument's link, from which a `ReplayLink` answers.
  public func events(of instrument: String) -> [WireEvent] {
    lines.filter { $0.instrument == instrument }.map(\.event)
  }
}

/// A chunk of a transcript as stored in a session.
///
/// An entry consists of the microseconds since the previous entry (for the first, on the host's
/// clock), its kind (0 sent, 1 received, 2 recovered, 3 failed), the instrument and the bytes. A
/// recovery step has its name as bytes; a failure is followed by its error as JSON. A byte string
/// is written in full once and then referred to by its number, because most messages of a run
/// repeat.
struct TranscriptWriter {
  private(set) var record = RecordWriter()
  private var numbers: [[UInt8]: Int] = [:]
  private var last = 0

  /// Longer byte strings rarely repeat.
  private static let longestNamed = 256

  mutating func add(_ line: Transcript.Line) {
    let time = Int(line.event.time * 1e6)
    record.count(max(time - last, 0))
    last = max(time, last)
    switch line.event.kind {
    case .sent: record.byte(0)
    case .received: record.byte(1)
    case .recovered: record.byte(2)
    case .failed: record.byte(3)
    }
    add(Array(line.instrument.utf8))
    if case .recovered(let step) = line.event.kind {
      add(Array(step.rawValue.utf8))
    } else {
      add(line.event.bytes)
    }
    if case .failed(let error) = line.event.kind { add(Array(JSONText.encode(error).utf8)) }
  }

  private mutating func add(_ bytes: [UInt8]) {
    if let number = numbers[bytes] {
      record.count(number)
      return
    }
    record.count(0)
    record.count(bytes.count)
    record.bytes(bytes)
    if bytes.count <= Self.longestNamed { numbers[bytes] = numbers.count + 1 }
  }
}

extension Transcript {
  /// Reads a chunk.
  ///
  /// - Throws: ``RecordError`` if the bytes are not a chunk.
  init(record: [UInt8]) throws(RecordError) {
    var reader = RecordReader(record)
    var named: [[UInt8]] = []
    var time = 0
    lines = []
    func bytes() throws(RecordError) -> [UInt8] {
      let number = try reader.count()
      if number > 0 {
        guard let text = named.element(at: number - 1) else {
          throw RecordError(expected: "a known text")
        }
        return text
      }
      let bytes = try reader.bytes(try reader.count())
      if bytes.count <= 256 { named.append(bytes) }
      return bytes
    }
    while !reader.isAtEnd {
      let next = time.addingReportingOverflow(try reader.count())
      guard !next.overflow else { throw RecordError(expected: "a valid time") }
      time = next.partialValue
      let kind = try reader.byte()
      let instrument = String(decoding: try bytes(), as: UTF8.self)
      var content = try bytes()
      let event: WireEvent.Kind
      switch kind {
      case 0: event = .sent
      case 1: event = .received
      case 2:
        guard let step = RecoveryStep(rawValue: String(decoding: content, as: UTF8.self)) else {
          throw RecordError(expected: "a step to recover")
        }
        content = []
        event = .recovered(step)
      case 3:
        let json = String(decoding: try bytes(), as: UTF8.self)
        guard let error = JSONText.decode(LinkError.self, from: json) else {
          throw RecordError(expected: "an error of a link")
        }
        event = .failed(error)
      default: throw RecordError(expected: "the kind of a line")
      }
      lines.append(
        Line(
          instrument: instrument, event: WireEvent(event, time: Double(time) / 1e6, bytes: content))
      )
    }
  }
}

import Foundation
import GRDB
public import SaltireCore
package import SaltirePrograms

/// How an interrupted run was resumed, or why it was not.
public struct Resumption: Sendable, Equatable, Codable {
  /// The conductance of one device before and after the gap, in siemens.
  public struct Device: Sendable, Equatable, Codable {
    public var name: String
    public var recorded: Double
    public var found: Double

    /// The relative change.
    public var drift: Double { abs(found / recorded - 1) }

    package init(name: String, recorded: Double, found: Double) {
      self.name = name
      self.recorded = recorded
      self.found = found
    }
  }

  /// A moment on the computer's clocks, and the lab time at that moment.
  public struct Anchor: Sendable, Equatable, Codable {
    public var moment: HostMoment
    public var time: Double

    package init(moment: HostMoment, time: Double) {
      self.moment = moment
      self.time = time
    }
  }

  /// The number of programs in the record.
  public var programs: Int
  /// Lab time since the last of them, in seconds; nil if there was none, or if it is not known.
  public var gap: Double?
  /// The seconds by which the clock was set forward in the gap, or back if negative; nil if it was
  /// not set. Without a gap, by how much it is behind the end of the record at least.
  public var shift: Double?
  /// The beginning, on a bench in wall-clock time; nil in earlier sessions.
  public var anchor: Anchor?
  /// What happened to the interrupted program; nil if there was none.
  public var interrupted: ResumePolicy.Interrupted?
  /// The devices that were read again; empty in a simulated lab, where no time passed.
  public var devices: [Device] = []
  /// Why the run was not resumed; nil if it was.
  public var refusal: String?

  public init(programs: Int, gap: Double?, interrupted: ResumePolicy.Interrupted?) {
    self.programs = programs
    self.gap = gap
    self.interrupted = interrupted
  }
}

extension ResumePolicy.Interrupted: Codable {}

extension Resumption {
  /// Whether the pulses of the interrupted program may have been applied twice. In a simulated lab
  /// where no time passed they were not.
  var repeatsPulses: Bool {
    interrupted == .repeat && refusal == nil && !(gap == 0 && devices.isEmpty)
  }
}

extension Resumption {
  /// As one line of text.
  public var text: String {
    var parts = ["after program \(programs)"]
    let clock = shift.map { shift in
      "the clock was set \(shift < 0 ? "back" : "forward") by"
        + " \(Quantity(abs(shift), .second).formatted(digits: 4))"
    }
    if let gap {
      let meanwhile = clock.map { ", while \($0)" } ?? ""
      parts.append("a gap of \(Quantity(gap, .second).formatted(digits: 4))\(meanwhile)")
    } else if let clock {
      parts.append("a gap that is not known: \(clock)")
    }
    switch interrupted {
    case nil, .refuse: break
    case .read: parts.append("the interrupted program was replaced by its reads")
    case .repeat: parts.append("the interrupted program was performed again")
    }
    for device in devices {
      let (before, after) = (
        Quantity(device.recorded, .siemens).formatted(digits: 4),
        Quantity(device.found, .siemens).formatted(digits: 4)
      )
      parts.append("\(device.name) \(before) → \(after)")
    }
    if let refusal { parts.append("refused: \(refusal)") }
    return parts.joined(separator: "; ")
  }
}

extension Session {
  /// Records that the run was resumed.
  package func add(_ resumption: Resumption) throws(SessionError) {
    let json = JSONText.encode(resumption)
    try write(lasting: true) { db in
      try db.execute(sql: "INSERT INTO resumption (json) VALUES (?)", arguments: [json])
    }
  }

  /// All resumptions, in order.
  public func resumptions() throws(SessionError) -> [Resumption] {
    let texts = try read { db -> [String] in
      // Early sessions do not have this table.
      guard try db.tableExists("resumption") else { return [] }
      return try String.fetchAll(db, sql: "SELECT json FROM resumption ORDER BY id")
    }
    return try texts.map { (text) throws(SessionError) in
      guard let resumption = JSONText.decode(Resumption.self, from: text) else {
        throw .damaged(path: url.path, reason: "a resumption cannot be read")
      }
      return resumption
    }
  }

  /// The end of the record: the number of programs, whether the last was interrupted, and the lab
  /// time after the last complete one.
  package func end() throws(SessionError) -> (programs: Int, isCutOff: Bool, time: Double?) {
    let count = try stepCount()
    guard count > 0 else { return (0, false, nil) }
    let last = try step(count - 1)
    if let observations = last?.observations { return (count, false, observations.end) }
    let before = count > 1 ? try step(count - 2)?.observations : nil
    return (count, true, before?.end)
  }

  /// The last moment at which a run began to record programs.
  package func anchor() throws(SessionError) -> Resumption.Anchor {
    let programs = try stepCount()
    let last = try resumptions().last { $0.refusal == nil && $0.programs < programs }
    return last?.anchor
      ?? .init(moment: HostMoment(date: manifest.created, uptime: manifest.uptime), time: 0)
  }

  /// The total extent of the recorded programs.
  package func extent() throws(SessionError) -> Extent {
    var total = Extent()
    for n in 0..<(try stepCount()) {
      if let step = try step(n) { total.add(step.program.extent) }
    }
    return total
  }

  /// The last read of every single device at a representative voltage: at a hundredth of the usual
  /// voltage, noise would look like a change.
  package func lastReads(on wiring: Wiring) throws(SessionError) -> [DeviceRead] {
    // In reverse order of time.
    var found: [String: [DeviceRead]] = [:]
    let count = try stepCount()
    for n in stride(from: count - 1, through: max(0, count - Self.farthest), by: -1) {
      if found.count == wiring.sites.count, n < count - Self.usual { break }
      guard let step = try step(n), let observations = step.observations else { continue }
      var own: [String: [DeviceRead]] = [:]
      step.program.forEachDeviceRead(on: wiring, observations.currents) { read in
        // An earlier read at a lower voltage adds nothing.
        own[read.site.device, default: []].removeAll {
          abs($0.drive.level) <= abs(read.drive.level)
        }
        own[read.site.device, default: []].append(read)
      }
      for (device, reads) in own { found[device, default: []] += reads.reversed() }
    }
    return wiring.sites.compactMap { site in
      let reads = found[site.device] ?? []
      let largest = reads.lazy.map { abs($0.drive.level) }.max() ?? 0
      return reads.first { abs($0.drive.level) >= largest / 2 }
    }
  }

  /// The number of programs, from the end, that are searched for reads of all devices, and the
  /// number that determines the usual read voltage.
  private static let (farthest, usual) = (20_000, 1_000)
}

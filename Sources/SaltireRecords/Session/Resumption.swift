import Foundation
import GRDB
import SaltireCore
package import SaltirePrograms

/// How a run that had been cut off was taken up again, or why it was not.
public struct Resumption: Sendable, Equatable, Codable {
  /// One device before the gap and after it, siemens.
  public struct Device: Sendable, Equatable, Codable {
    public var name: String
    public var recorded: Double
    public var found: Double

    /// The change as a part of what was recorded.
    public var drift: Double { abs(found / recorded - 1) }

    package init(name: String, recorded: Double, found: Double) {
      self.name = name
      self.recorded = recorded
      self.found = found
    }
  }

  /// How many programs the record held.
  public var programs: Int
  /// Seconds of lab time between the last of them and now; nil before there
  /// was any.
  public var gap: Double?
  /// What became of the program that was under way; nil where none was.
  public var interrupted: ResumePolicy.Interrupted?
  /// The devices that were read again; none in a simulated lab that had stood
  /// still.
  public var devices: [Device] = []
  /// Why it was not taken up; nil where it was.
  public var refusal: String?

  public init(programs: Int, gap: Double?, interrupted: ResumePolicy.Interrupted?) {
    self.programs = programs
    self.gap = gap
    self.interrupted = interrupted
  }
}

extension ResumePolicy.Interrupted: Codable {}

extension Resumption {
  /// Whether the program that was under way may have reached the devices twice. In
  /// a simulated lab that had stood still it had not reached them once.
  var repeatsPulses: Bool {
    interrupted == .repeat && refusal == nil && !(gap == 0 && devices.isEmpty)
  }
}

extension Resumption {
  /// In one line.
  public var text: String {
    var parts = ["after program \(programs)"]
    if let gap { parts.append("a gap of \(Quantity(gap, .second).formatted(digits: 4))") }
    switch interrupted {
    case nil, .refuse: break
    case .read: parts.append("the program cut off was replaced by its reads")
    case .repeat: parts.append("the program cut off was performed again")
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
  /// Commits that the run was taken up again.
  package func add(_ resumption: Resumption) throws(SessionError) {
    let json = JSONText.encode(resumption)
    try write(lasting: true) { db in
      try db.execute(sql: "INSERT INTO resumption (json) VALUES (?)", arguments: [json])
    }
  }

  /// Every time that it was taken up again, in order.
  public func resumptions() throws(SessionError) -> [Resumption] {
    let texts = try read { db -> [String] in
      // Sessions of before there was such a thing.
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

  /// Where the record ends: how many programs it holds, whether the last was
  /// cut off, and the lab time after the last that was not.
  package func end() throws(SessionError) -> (programs: Int, isCutOff: Bool, time: Double?) {
    let count = try stepCount()
    guard count > 0 else { return (0, false, nil) }
    let last = try step(count - 1)
    if let observations = last?.observations { return (count, false, observations.end) }
    let before = count > 1 ? try step(count - 2)?.observations : nil
    return (count, true, before?.end)
  }

  /// What the programs of the record come to, in all.
  package func extent() throws(SessionError) -> Extent {
    var total = Extent()
    for n in 0..<(try stepCount()) {
      if let step = try step(n) { total.add(step.program.extent) }
    }
    return total
  }

  /// What every device last read as by itself, with a voltage that says something
  /// about it: at a hundredth of the usual one noise would pass for a change.
  package func lastReads(on wiring: Wiring) throws(SessionError) -> [DeviceRead] {
    // The last first.
    var found: [String: [DeviceRead]] = [:]
    let count = try stepCount()
    for n in stride(from: count - 1, through: max(0, count - Self.farthest), by: -1) {
      if found.count == wiring.sites.count, n < count - Self.usual { break }
      guard let step = try step(n), let observations = step.observations else { continue }
      var own: [String: [DeviceRead]] = [:]
      step.program.forEachDeviceRead(on: wiring, observations.currents) { read in
        // Those before it say nothing that it does not.
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

  /// Programs from the end that are looked through for reads of all devices, and
  /// those that show which voltage is usual.
  private static let (farthest, usual) = (20_000, 1_000)
}

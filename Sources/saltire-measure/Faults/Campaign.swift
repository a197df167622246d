import Foundation
import SaltireBenches
import SaltireCore
import SaltirePrograms
import SaltireRecords
import SaltireSimulation
import Synchronization

/// Runs with injected faults: checks outputs, sessions, pulses and resumed runs afterwards.
///
/// The simulated lab in this process knows the actual state; the program under test is another
/// process and has only its links.
final class Campaign: Sendable {
  /// The results of a run without faults.
  struct Reference: Sendable {
    var outcome: String?
    /// Lab seconds.
    var duration: Double
    /// Seconds from the start of the process to its first pulse or read.
    var start: Double
    var pulses: [String: Int]
    /// Transfers to each instrument.
    var messages: [String: Int]
  }

  /// The result of one case.
  struct Verdict: Sendable {
    enum Resumed: Sendable, Equatable {
      /// The run finished with the same result as the reference.
      case notNeeded
      /// It ended with an error before there was a session.
      case notBegun(String)
      case identical
      case refused(String)
      case other(String)
    }

    let test: CampaignCase
    var status: Int32 = 0
    /// The output of the run and its guardian.
    var told = ""
    /// Channels that were still on at the end.
    var energised: [String] = []
    /// Why the session cannot be opened; nil if it can, or none was created.
    var broken: String?
    /// Pulses that the record does not explain.
    var unaccounted = 0
    var resumed = Resumed.notNeeded
    /// Seconds from the fault until all outputs were off; nil if none was on.
    var off: Double?

    var isGood: Bool {
      if case .other = resumed { return false }
      return energised.isEmpty && broken == nil && unaccounted == 0
    }
  }

  /// Seconds to wait for a hung run: many heartbeats.
  private static let patience = 5.0

  private let folder: URL
  private let references = Mutex([String: Reference]())

  init(folder: URL) { self.folder = folder }

  /// Runs a case and checks the result.
  func run(_ test: CampaignCase) throws -> Verdict {
    let reference = try reference(test.work, test.transport)
    let own = folder.appendingPathComponent("case-\(test.number)")
    let lab = try CampaignLab(
      test.work, test.transport, faults: faults(test, reference),
      host: test.fault == .signal(.killHalfOpen)
        ? "127.1.\(test.number / 250).\(test.number % 250 + 1)" : nil, in: own)
    defer {
      lab.end()
      try? FileManager.default.removeItem(at: own)
    }
    var verdict = Verdict(test: test)
    let process = try CampaignProcess(
      ["run"] + CampaignLab.arguments(test.work) + settings(test)
        + ["--bench", lab.benchPath, "--out", own.path, "--seed", "1"],
      over: test.transport, diskFullAfter: test.diskRoom, isOnTerminal: test.fault.isOnTerminal)
    let watch = OutputWatch(lab)
    let fell = strike(test, reference, lab, process)
    if test.fault.isHang, !process.ends(within: Self.patience) {
      // It hung before it had a guardian and is killed: nothing may be on by then.
      verdict.energised = lab.energised
      kill(process.id, SIGKILL)
    }
    verdict.status = process.end()
    verdict.told = process.told
    verdict.off = watch.end(since: fell)
    if case .bothKilled = test.fault {
      try switchOff(lab, &verdict)
      verdict.off = nil
    }
    verdict.energised += lab.energised
    guard test.fault != .sessionDeleted || !Self.sessions(in: own).isEmpty else {
      // The measurements are lost, and the run has reported that.
      verdict.resumed =
        verdict.status == 74 && verdict.told.contains("was lost: ")
        ? .refused(process.reason ?? "") : .other("\(verdict.status): \(verdict.told)")
      return verdict
    }
    inspect(lab, reference, &verdict)
    if let path = Self.sessions(in: own).first {
      if verdict.broken == nil { try resume(path, lab, reference, &verdict) }
    } else {
      // The whole run can be repeated.
      verdict.resumed = .notBegun(process.reason ?? "killed")
    }
    if !verdict.isGood { try? keep(own, of: test) }
    return verdict
  }

  /// Keeps the sessions of a failed case for inspection.
  private func keep(_ own: URL, of test: CampaignCase) throws {
    let kept = URL(fileURLWithPath: "out/faults/case-\(test.number)")
    try? FileManager.default.removeItem(at: kept)
    try FileManager.default.createDirectory(
      at: kept.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: own, to: kept)
  }

  // MARK: Before

  /// The reference run of a workload, performed once.
  func reference(
    _ work: CampaignCase.Work, _ transport: CampaignCase.Transport
  ) throws -> Reference {
    let name = "\(work.rawValue) \(transport.rawValue)"
    if let known = references.withLock({ $0[name] }) { return known }
    let own = folder.appendingPathComponent("reference-\(name)")
    let lab = try CampaignLab(work, transport, faults: [], in: own)
    defer { lab.end() }
    let begin = HostTime.monotonic
    let process = try CampaignProcess(
      ["run"] + CampaignLab.arguments(work)
        // A long heartbeat, so that a busy machine does not disturb it.
        + ["--set", "guardian.heartbeat=60 s"]
        + ["--bench", lab.benchPath, "--out", own.path, "--seed", "1"],
      over: transport)
    var start = 0.0
    while start == 0, HostTime.monotonic < begin + 10 {
      if lab.lab.now() > 0 { start = HostTime.monotonic - begin }
      HostTime.block(0.0005)
    }
    let status = process.end()
    guard let path = Self.sessions(in: own).first else {
      throw CampaignFailure(description: "no reference of \(name): \(process.told)")
    }
    let session = try Session.open(path)
    defer { try? session.close() }
    guard [0, 11].contains(status), let ending = try session.ending() else {
      throw CampaignFailure(description: "reference of \(name): \(status) \(process.told)")
    }
    let reference = Reference(
      outcome: ending.outcome, duration: lab.lab.now(), start: start, pulses: lab.pulses,
      messages: lab.lab.wireTraffic.mapValues(\.messages))
    references.withLock { $0[name] = reference }
    return reference
  }

  private func faults(_ test: CampaignCase, _ reference: Reference) -> [LabFault] {
    guard case .instrument(let kind) = test.fault else { return [] }
    let names = reference.messages.keys.sorted()
    let name = names[test.number % names.count]
    let after = Int(max(0, test.moment) * Double(reference.messages[name] ?? 0))
    return [LabFault(instrument: name, kind: kind, after: after)]
  }

  private func settings(_ test: CampaignCase) -> [String] {
    switch test.fault {
    case .compliance:
      let level = 0.1 + 0.5 * max(0, test.moment)
      return ["--set", "terminals.DA1.current=\(level) uA"]
    // An instrument that does not come back need not be waited for.
    case .instrument(.silent), .instrument(.replaced):
      return ["--set", "guardian.persistence=2 s"]
    default: return []
    }
  }

  // MARK: After

  /// After both were killed, the session must show that the outputs were not confirmed, and
  /// `saltire off` must switch them off.
  private func switchOff(_ lab: CampaignLab, _ verdict: inout Verdict) throws {
    if lab.energised.isEmpty { return }
    for path in Self.sessions(in: lab.folder) {
      let replay = try CampaignProcess(["replay", path.path], over: verdict.test.transport)
      _ = replay.end()
      if !replay.told.contains("saltire off --bench") {
        verdict.broken = "nobody says that the outputs may be on: \(replay.told)"
      }
    }
    let off = try CampaignProcess(["off", "--bench", lab.benchPath], over: verdict.test.transport)
    if off.end() != 0 { verdict.energised.append("off: \(off.told)") }
  }

  static func sessions(in folder: URL) -> [URL] {
    ((try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil))
      ?? []).filter { $0.pathExtension == "saltire" }
  }

  /// Opens the session and compares its pulses with those of the devices.
  private func inspect(_ lab: CampaignLab, _ reference: Reference, _ verdict: inout Verdict) {
    guard let path = Self.sessions(in: lab.folder).first else {
      // Without a record nothing may have moved.
      verdict.unaccounted = lab.pulses.values.reduce(0, +)
      return
    }
    do {
      let session = try Session.open(path)
      defer { try? session.close() }
      _ = try session.notebook()
      _ = try session.transcript()
      let (sure, possible) = try Self.pulses(session, lab.file)
      for (device, count) in lab.pulses {
        let least = sure[device] ?? 0
        let most = least + (possible[device] ?? 0)
        // Pulses of an output that was switched off were sent, but reached no device.
        let isOff = verdict.test.fault == .instrument(.off)
        verdict.unaccounted += max(0, isOff ? 0 : least - count, count - most)
      }
    } catch {
      verdict.broken = "\(error)"
    }
  }

  /// The pulses of each device according to the record: of completed programs, and of the
  /// interrupted one.
  private static func pulses(
    _ session: Session, _ file: BenchFile
  ) throws -> ([String: Int], [String: Int]) {
    var sure: [String: Int] = [:]
    var possible: [String: Int] = [:]
    for n in 0..<(try session.stepCount()) {
      guard let step = try session.step(n) else { continue }
      let counts = step.program.doses(on: file.wiring).mapValues(\.pulses)
      if step.observations == nil {
        possible.merge(counts, uniquingKeysWith: +)
      } else {
        sure.merge(counts, uniquingKeysWith: +)
      }
    }
    return (sure, possible)
  }

  /// Resumes the run if it did not finish.
  private func resume(
    _ path: URL, _ lab: CampaignLab, _ reference: Reference, _ verdict: inout Verdict
  ) throws {
    if try Self.outcome(path) == nil {
      switch verdict.test.fault {
      case .clock(.labGoesOn): lab.lab.wait(3600)
      case .clock(.calendarStepsBack):
        let later = HostTime.date.addingTimeInterval(86_400)
        try FileManager.default.setAttributes(
          [.modificationDate: later], ofItemAtPath: path.path)
      default: break
      }
      let isEmpty = try Self.isEmpty(path)
      let process = try CampaignProcess(["resume", path.path], over: verdict.test.transport)
      let status = process.end()
      verdict.energised += lab.energised
      switch status {
      case 0 where isEmpty, 11 where isEmpty:
        // Reads that were not recorded are drawn again, so this would be another run.
        verdict.resumed = .notBegun("nothing was recorded")
        if lab.pulses != reference.pulses { verdict.resumed = .other("other pulses") }
        return
      case 0, 11: verdict.resumed = .identical
      case 10, 13, 69, 74, 78:
        verdict.resumed =
          process.reason.map { .refused($0) } ?? .other("\(status) without a reason")
        return
      default:
        verdict.resumed = .other("\(status): \(process.told)")
        return
      }
    }
    if try Self.outcome(path) != reference.outcome {
      verdict.resumed = .other("another outcome")
    } else if lab.pulses != reference.pulses {
      verdict.resumed = .other("other pulses")
    }
  }

  private static func isEmpty(_ path: URL) throws -> Bool {
    let session = try Session.open(path)
    defer { try? session.close() }
    return try session.stepCount() == 0
  }

  private static func outcome(_ path: URL) throws -> String? {
    let session = try Session.open(path)
    defer { try? session.close() }
    return try session.ending()?.outcome
  }
}

/// A problem of the campaign itself.
struct CampaignFailure: Error, CustomStringConvertible {
  var description: String
}

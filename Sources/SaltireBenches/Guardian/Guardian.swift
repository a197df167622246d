import Foundation
import SaltireCore
import SaltireInstruments
public import SaltirePrograms
import SaltireRecords
import SaltireRig

/// The process that watches another run a bench, and makes the outputs safe
/// when that dies or falls silent.
public struct Guardian: Sendable {
  /// Why it took over.
  public enum Cause: String, Sendable {
    /// The process is gone without having said that all is safe.
    case died = "the run's process died"
    /// It hung, and was ended.
    case hung = "the run's process fell silent and was ended"
  }

  /// How the watch ended.
  public enum Outcome: Sendable {
    /// The process made its outputs safe itself.
    case released
    /// It did not, and this is what became of them.
    case tookOver(Cause, SafeReport)
  }

  private let plan: GuardianPlan
  private let file: BenchFile
  private let watched: pid_t

  /// Seconds for a killed process to be gone: one that waits for a disk cannot die, nor
  /// send anything.
  private static let death = 0.2

  /// Seconds for a process that is gone to have let go of its session.
  private static let patience = 5.0

  /// Reads from standard input what is to be watched.
  ///
  /// - Throws: `Diagnostics`; ``GuardianFailure``.
  public init() throws {
    watched = getppid()
    // In a session of its own no Ctrl-C of the terminal and no signal to the
    // process group reaches it.
    setsid()
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { signal(number, SIG_IGN) }
    var size: UInt64 = 0
    try withUnsafeMutableBytes(of: &size) { try Self.fill($0) }
    guard let count = Int(exactly: UInt64(littleEndian: size)), count < 1 << 28 else {
      throw BenchError.failed(GuardianFailure("no plan came"))
    }
    var text = [UInt8](repeating: 0, count: count)
    try text.withUnsafeMutableBytes { try Self.fill($0) }
    guard let plan = JSONText.decode(GuardianPlan.self, from: String(decoding: text, as: UTF8.self))
    else { throw BenchError.failed(GuardianFailure("the plan cannot be read")) }
    self.plan = plan
    file = try plan.file()
  }

  /// Watches until it is let go, or has taken over. Says nothing meanwhile: what words go
  /// to may be what hangs.
  public func watch() async -> Outcome {
    var byte = GuardianSignal.ready
    _ = write(plan.answers, &byte, 1)
    guard let cause = wait() else { return .released }
    if cause == .hung, getppid() == watched {
      // It may go on at any time, with outputs that are off by then; and while it
      // lives a port may be its alone.
      kill(watched, SIGKILL)
      let last = HostTime.monotonic + Self.death
      while getppid() == watched, HostTime.monotonic < last { HostTime.block(0.001) }
    }
    let report = await takeOver()
    Self.record(cause, report, in: URL(fileURLWithPath: plan.session))
    return .tookOver(cause, report)
  }

  /// Nil when the process lets go of this one.
  private func wait() -> Cause? {
    while true {
      var poll = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      let ready = Foundation.poll(&poll, 1, Int32((plan.silence * 1000).rounded(.up)))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return .hung }
      var bytes = [UInt8](repeating: 0, count: 64)
      let count = read(STDIN_FILENO, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return .died }
      if bytes.prefix(count).contains(GuardianSignal.release) { return nil }
      // One answer is enough, and where nobody reads it it is dropped.
      var byte = GuardianSignal.beat
      _ = write(plan.answers, &byte, 1)
    }
  }

  /// Makes the outputs safe over connections of its own, again and again until
  /// all are confirmed, as long as a run would that lives.
  private func takeOver() async -> SafeReport {
    let end = HostTime.monotonic + file.guardian.persistence
    var report = SafeReport(terminals: [])
    repeat {
      do throws(BenchError) {
        guard let live = try OpenBench(file, seed: 1, isToMakeSafe: true).live else {
          return report
        }
        report = await live.takeOver()
        // What is opened again must be free.
        await live.disconnect()
      } catch {
        report = SafeReport(
          terminals: file.wiring.terminals.map { ($0, .notConfirmed("\(error)")) })
      }
      if report.isSafe { break }
      HostTime.block(0.25)
    } while HostTime.monotonic < end
    return report
  }

  /// Writes into the session how the run ended.
  static func record(_ cause: Cause, _ report: SafeReport, in url: URL) {
    let last = HostTime.monotonic + patience
    repeat {
      do throws(SessionError) {
        let session = try Session.reopen(url, durability: .processCrash)
        let extent = try session.extent()
        try session.finish(ending(cause, report, extent))
        return try session.close()
      } catch .inUse {
        // A process that dies lets go of its files one after another.
        HostTime.block(0.01)
      } catch {
        // The outputs matter; what is recorded stays as it is.
        return
      }
    } while HostTime.monotonic < last
  }

  /// How a run ended whose guardian took over, with the status that the run
  /// itself would have had: safe and cut off, or not confirmed safe.
  static func ending(_ cause: Cause, _ report: SafeReport, _ extent: Extent) -> Ending {
    let what =
      report.isSafe
      ? "its guardian made the outputs safe"
      : "its guardian could not confirm that the outputs are safe: \(report.open)"
    return Ending(
      exitCode: report.isSafe ? 130 : 12, message: "\(cause.rawValue); \(what)", outcome: nil,
      truth: nil, duration: extent.duration, wall: 0, pulses: extent.pulses, safe: report.isSafe)
  }

  private static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(BenchError) {
    var done = 0
    while done < buffer.count {
      let count = read(STDIN_FILENO, buffer.baseAddress! + done, buffer.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .failed(GuardianFailure("its process is gone")) }
      done += count
    }
  }
}

import Foundation
import SaltireCore
import SaltireInstruments
public import SaltirePrograms
import SaltireRecords
import SaltireRig

/// The process that monitors a run and makes its outputs safe if the run dies or stops responding.
public struct Guardian: Sendable {
  /// Why it took over.
  public enum Cause: String, Sendable {
    /// The process exited without reporting that the outputs are safe.
    case died = "the run's process died"
    /// It hung and was killed.
    case hung = "the run's process stopped responding and was ended"
  }

  /// The result of the guardian.
  public enum Outcome: Sendable {
    /// The run made its outputs safe itself.
    case released
    /// The run did not; this is the result of the guardian's safe sequence.
    case tookOver(Cause, SafeReport)
  }

  private let plan: GuardianPlan
  private let file: BenchFile
  private let watched: pid_t

  /// Seconds to wait for a killed process to exit. A process in a disk wait cannot exit, but cannot
  /// send anything either.
  private static let death = 0.2

  /// Seconds to wait for an exited process to release its session.
  private static let patience = 5.0

  /// Reads the plan from standard input.
  ///
  /// - Throws: `Diagnostics`; ``GuardianFailure``.
  public init() throws {
    watched = getppid()
    // In its own session it gets neither Ctrl-C from the terminal nor signals to the process group.
    setsid()
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { signal(number, SIG_IGN) }
    var size: UInt64 = 0
    try withUnsafeMutableBytes(of: &size) { try Self.fill($0) }
    guard let count = Int(exactly: UInt64(littleEndian: size)), count < 1 << 28 else {
      throw BenchError.failed(GuardianFailure("no plan was received"))
    }
    var text = [UInt8](repeating: 0, count: count)
    try text.withUnsafeMutableBytes { try Self.fill($0) }
    guard let plan = JSONText.decode(GuardianPlan.self, from: String(decoding: text, as: UTF8.self))
    else { throw BenchError.failed(GuardianFailure("the plan cannot be read")) }
    self.plan = plan
    file = try plan.file()
  }

  /// Monitors the run until it is released or has taken over. Prints nothing meanwhile, because the
  /// terminal may be what hangs.
  public func watch() async -> Outcome {
    var byte = GuardianSignal.ready
    _ = write(plan.answers, &byte, 1)
    guard let cause = wait() else { return .released }
    if cause == .hung, getppid() == watched {
      // The run could continue with its outputs off, and it may hold a port exclusively.
      kill(watched, SIGKILL)
      let last = HostTime.monotonic + Self.death
      while getppid() == watched, HostTime.monotonic < last { HostTime.block(0.001) }
    }
    let report = await takeOver()
    if let session = plan.session {
      Self.record(cause, report, in: URL(fileURLWithPath: session))
    }
    return .tookOver(cause, report)
  }

  /// Nil if the run releases the guardian.
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
      // One reply is enough; it is dropped if nobody reads it.
      var byte = GuardianSignal.beat
      _ = write(plan.answers, &byte, 1)
    }
  }

  /// Makes the outputs safe over its own connections and retries until all are confirmed, for as
  /// long as a run would.
  private func takeOver() async -> SafeReport {
    let end = HostTime.monotonic + file.guardian.persistence
    var report = SafeReport(terminals: [])
    repeat {
      do throws(BenchError) {
        guard let live = try OpenBench(file, seed: 1, isToMakeSafe: true).live else {
          return report
        }
        report = await live.takeOver()
        // Ports must be free before they are opened again.
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

  /// Records in the session how the run ended.
  static func record(_ cause: Cause, _ report: SafeReport, in url: URL) {
    let last = HostTime.monotonic + patience
    repeat {
      do throws(SessionError) {
        let session = try Session.reopen(url, durability: .processCrash)
        let extent = try session.extent()
        try session.finish(ending(cause, report, extent))
        return try session.close()
      } catch .inUse {
        // An exiting process closes its files one after another.
        HostTime.block(0.01)
      } catch {
        // The outputs matter more; the record stays as it is.
        return
      }
    } while HostTime.monotonic < last
  }

  /// The ending of a run whose guardian took over, with the exit status of the run itself:
  /// interrupted and safe, or not confirmed safe.
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
      guard count > 0 else { throw .failed(GuardianFailure("its process no longer exists")) }
      done += count
    }
  }
}

import Foundation
import SaltireCore
import Synchronization

/// `make faults`: many cases, two at a time, and their results.
enum CampaignTable {
  /// Prints the table, or a JSON document with `--json`.
  ///
  /// - Returns: whether every case passed.
  static func run(_ arguments: [String], in folder: URL, hasUSB: Bool) throws -> Bool {
    func value(_ name: String, _ fallback: Int) -> Int {
      guard let index = arguments.firstIndex(of: name), arguments.indices.contains(index + 1)
      else { return fallback }
      return Int(arguments[index + 1]) ?? fallback
    }
    let count = value("--cases", 1000)
    let seed = value("--seed", 1)
    // USB is emulated for the whole process and slower, so only a part of the cases uses it.
    let transports: [CampaignCase.Transport] =
      arguments.contains("--tcp")
      ? [.tcp] : hasUSB ? [.tcp, .tcp, .pty, .pty, .usb] : [.tcp, .pty]
    var random = RandomStream(seed: UInt64(seed), name: "faults")
    let only = value("--only", 0)
    let faults = CampaignCase.faults(&random)
    let cases = (1...count).map {
      CampaignCase($0, faults[($0 - 1) % faults.count], transports, &random)
    }.filter {
      only == 0 || $0.number == only
    }
    let campaign = Campaign(folder: folder)
    let begin = HostTime.monotonic
    // Their durations determine when the other cases inject their faults.
    for test in cases { _ = try campaign.reference(test.work, test.transport) }
    let next = Mutex(0)
    let verdicts = Mutex([Campaign.Verdict]())
    let failures = Mutex([String]())
    let threads = (0..<value("--threads", 2)).map { _ in
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        while true {
          let index = next.withLock {
            $0 += 1
            return $0 - 1
          }
          guard index < cases.count else { break }
          do {
            let verdict = try campaign.run(cases[index])
            verdicts.withLock { $0.append(verdict) }
            if !verdict.isGood { tell(verdict) }
          } catch {
            failures.withLock { $0.append("case \(cases[index].number): \(error)") }
          }
        }
        done.signal()
      }
      return done
    }
    for thread in threads { thread.wait() }
    let seconds = HostTime.monotonic - begin
    for failure in failures.withLock({ $0 }) { print(failure) }
    let all = verdicts.withLock { $0.sorted { $0.test.number < $1.test.number } }
    if arguments.contains("--list") {
      for verdict in all { print(line(verdict)) }
    }
    table(all)
    print(totals(all, seconds))
    return all.count == cases.count && all.allSatisfy(\.isGood)
  }

  private static func tell(_ verdict: Campaign.Verdict) {
    FileHandle.standardError.write(Data("BAD \(line(verdict))\n\(verdict.told)\n".utf8))
  }

  private static func line(_ verdict: Campaign.Verdict) -> String {
    let test = verdict.test
    return "case \(test.number): \(test.work.rawValue), \(test.transport.rawValue),"
      + " \(test.fault.name) at \(String(format: "%.2f", test.moment)):"
      + " status \(verdict.status), on \(verdict.energised), \(verdict.broken ?? "opens"),"
      + " unaccounted \(verdict.unaccounted), \(verdict.resumed)"
  }

  /// One row for each fault: the number of cases, how the runs ended, and how long outputs stayed
  /// on.
  private static func table(_ all: [Campaign.Verdict]) {
    print(
      pad("fault", 26) + left("cases", 6) + left("ended", 6) + left("none", 5) + left("resumed", 8)
        + left("refused", 8) + left("other", 6) + left("on", 4)
        + "   off after, median and worst, ms (cases): TCP, pty, USB")
    for (name, own) in Dictionary(grouping: all, by: \.test.fault.name).sorted(by: {
      $0.key < $1.key
    }) {
      func count(_ isIt: (Campaign.Verdict.Resumed) -> Bool) -> String {
        "\(own.count { isIt($0.resumed) })"
      }
      let times = CampaignCase.Transport.allCases.map { transport in
        let all = own.filter { $0.test.transport == transport }.compactMap(\.off).sorted()
        guard let worst = all.last else { return "–" }
        return String(
          format: "%.0f %.0f (%d)", all[all.count / 2] * 1000, worst * 1000, all.count)
      }
      print(
        pad(name, 26) + left("\(own.count)", 6) + left(count { $0 == .notNeeded }, 6)
          + left(count { if case .notBegun = $0 { true } else { false } }, 5)
          + left(count { $0 == .identical }, 8)
          + left(count { if case .refused = $0 { true } else { false } }, 8)
          + left(count { if case .other = $0 { true } else { false } }, 6)
          + left("\(own.count { !$0.energised.isEmpty })", 4) + "   "
          + times.joined(separator: ", "))
    }
  }

  private static func totals(_ all: [Campaign.Verdict], _ seconds: Double) -> String {
    func count(_ isIt: (Campaign.Verdict) -> Bool) -> Int { all.count(where: isIt) }
    var reasons: [String: Int] = [:]
    for verdict in all {
      if case .refused(let reason) = verdict.resumed {
        let words = reason.drop { $0 != " " }.filter { !$0.isNumber }
        reasons[String(words.prefix(60)), default: 0] += 1
      }
    }
    return """
      cases                          \(all.count) in \(String(format: "%.0f", seconds)) s, \
      \(count { $0.test.fault.isHang }) of them hangs
      outputs left energised         \(count { !$0.energised.isEmpty })
      sessions that fail to open     \(count { $0.broken != nil })
      pulses not accounted for       \(all.reduce(0) { $0 + $1.unaccounted })
      came to their end              \(count { $0.resumed == .notNeeded })
      begun anew, nothing recorded   \(count { if case .notBegun = $0.resumed { true } else { false } })
      resumed bit-identically        \(count { $0.resumed == .identical })
      refused with a reason          \(reasons.values.reduce(0, +))
      other                          \(count { if case .other = $0.resumed { true } else { false } })
      \(reasons.sorted { $0.value > $1.value }.map { "  \($0.value) x\($0.key)" }.joined(separator: "\n"))
      """
  }
}

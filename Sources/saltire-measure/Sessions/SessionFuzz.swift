import Foundation
import SaltireCore
import SaltireTesting

/// Feeds damaged session files to all code that reads them: `session-fuzz --seconds 600 --seed 1
/// --keep FOLDER`.
///
/// The reader is another process that reads many files, so that a crash can be told from an error.
final class SessionFuzz {
  private let folder: URL
  private let keep: URL
  private var random: RandomStream
  private var samples: [[UInt8]] = []
  private var reader: SessionReaderProcess?
  private var counts: [String: Int] = [:]

  /// Maximum seconds for one file.
  private static let patience = 30.0

  private init(folder: URL, keep: URL, seed: UInt64) throws {
    (self.folder, self.keep, random) = (folder, keep, RandomStream(seed: seed, name: "sessions"))
    for (index, arguments) in Self.runs.enumerated() {
      let out = folder.appendingPathComponent("run-\(index)")
      let process = try CampaignProcess(arguments + ["--out", out.path], over: .tcp)
      _ = process.end()
      guard let path = Campaign.sessions(in: out).first else {
        throw CampaignFailure(description: "no session to damage: \(process.told)")
      }
      samples.append([UInt8](try Data(contentsOf: path)))
    }
  }

  /// Sessions of every kind: with models, with instruments, of trainings.
  private static let runs: [[String]] = [
    [
      "run", "protocols/shd.yaml", "--bench", "instruments/benches/model.yaml", "--set",
      "swords.pulses=30", "--set", "swords.cycles=1", "--set", "samples=40", "--set",
      "reference=mid-window",
    ],
    [
      "run", "protocols/crossed-swords.yaml", "--bench",
      "instruments/benches/simulated-one-device.yaml", "--set", "swords.pulses=20", "--set",
      "swords.cycles=1",
    ],
    [
      "run", "protocols/zero-shift.yaml", "--bench", "instruments/benches/model.yaml", "--set",
      "swords.pulses=30", "--set", "swords.cycles=1", "--set", "zero_shift.pairs=60",
    ],
  ]

  /// Runs it and prints the results; false if a reader crashed.
  static func run(_ arguments: [String], in folder: URL) throws -> Bool {
    func value(_ name: String) -> String? {
      arguments.firstIndex(of: name).flatMap { index in
        index + 1 < arguments.count ? arguments[index + 1] : nil
      }
    }
    let keep = URL(fileURLWithPath: value("--keep") ?? "session-fuzz")
    let fuzz = try SessionFuzz(
      folder: folder, keep: keep, seed: value("--seed").flatMap { UInt64($0) } ?? 1)
    return try fuzz.run(seconds: value("--seconds").flatMap { Double($0) } ?? 60)
  }

  private func run(seconds: Double) throws -> Bool {
    let end = HostTime.monotonic + seconds
    var (executions, findings) = (0, 0)
    while HostTime.monotonic < end {
      let path = folder.appendingPathComponent("damaged-\(executions).saltire")
      let sample = samples[executions % samples.count]
      let damaged = Mutation.damaged(sample, using: &random)
      try Data(damaged).write(to: path)
      executions += 1
      let answer = try ask(path)
      counts[answer.word, default: 0] += 1
      if answer.isEnd {
        findings += 1
        try FileManager.default.createDirectory(at: keep, withIntermediateDirectories: true)
        let kept = keep.appendingPathComponent("finding-\(findings).saltire")
        try? FileManager.default.removeItem(at: kept)
        try FileManager.default.copyItem(at: path, to: kept)
        print("FINDING \(kept.path): \(answer.word)")
      }
      for suffix in ["", "-wal", "-shm", "-journal"] {
        try? FileManager.default.removeItem(atPath: path.path + suffix)
      }
    }
    reader?.end()
    print("files read           \(executions) in \(Int(seconds)) s")
    for (word, count) in counts.sorted(by: { $0.value > $1.value }).prefix(30) {
      print("  \(pad(word, 60))\(left("\(count)", 8))")
    }
    print("ended the reader     \(findings)")
    return findings == 0
  }

  private func ask(_ path: URL) throws -> (word: String, isEnd: Bool) {
    let reader = try reader ?? SessionReaderProcess()
    self.reader = reader
    if let answer = reader.ask(path.path, within: Self.patience) { return (answer, false) }
    let status = reader.end()
    self.reader = nil
    return ("ended by \(status)", true)
  }
}

/// The reader process, which is expected to survive.
final class SessionReaderProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var rest: [UInt8] = []

  init() throws {
    process.executableURL = Bundle.main.executableURL
    process.arguments = ["session-reader"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    signal(SIGPIPE, SIG_IGN)
    try process.run()
  }

  /// Its result for a file; nil if it has ended or does not respond.
  func ask(_ path: String, within seconds: Double) -> String? {
    try? input.fileHandleForWriting.write(contentsOf: Data("\(path)\n".utf8))
    let end = HostTime.monotonic + seconds
    let descriptor = output.fileHandleForReading.fileDescriptor
    while true {
      if let index = rest.firstIndex(of: 10) {
        defer { rest.removeFirst(index + 1) }
        return String(decoding: rest[..<index], as: UTF8.self)
      }
      let left = end - HostTime.monotonic
      var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0, Foundation.poll(&poll, 1, Int32(left * 1000) + 1) > 0 else { return nil }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &bytes, bytes.count)
      guard count > 0 else { return nil }
      rest += bytes.prefix(count)
    }
  }

  /// Ends it if needed; returns how it ended.
  @discardableResult func end() -> String {
    try? input.fileHandleForWriting.close()
    if rest.isEmpty, process.isRunning { HostTime.block(0.2) }
    let hung = process.isRunning
    if hung { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return hung ? "no answer" : "signal or status \(process.terminationStatus)"
  }
}

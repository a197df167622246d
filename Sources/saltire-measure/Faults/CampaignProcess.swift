import Foundation
import SaltireCore

/// The program under test, in its own process group.
///
/// `Foundation.Process` reports the end of a process only when all holders of its descriptors have
/// ended, which includes a guardian; this type waits for the process itself.
final class CampaignProcess {
  let id: pid_t
  /// Its standard error, or the other end of its terminal.
  private let errors: Int32
  private let terminal: CampaignTerminal?
  private var status: Int32?
  /// The output of the program and its guardian on standard error.
  private(set) var told = ""

  /// Starts it.
  ///
  /// - Parameters:
  ///   - arguments: the arguments of `saltire`.
  ///   - transport: the type of its links.
  ///   - room: the space on the disk of its session in bytes; nil for unlimited.
  ///   - isOnTerminal: whether its streams are a terminal.
  init(
    _ arguments: [String], over transport: CampaignCase.Transport, diskFullAfter room: Int? = nil,
    isOnTerminal: Bool = false
  ) throws {
    let folder = Bundle.main.executableURL?.deletingLastPathComponent()
    func path(_ name: String) -> String { folder?.appendingPathComponent(name).path ?? name }
    var environment = ProcessInfo.processInfo.environment
    // The USB emulator accesses the memory of its clients, and a stopped one would block all
    // others, even those without USB.
    if transport != .usb { environment["LD_PRELOAD"] = nil }
    func preload(_ name: String) {
      environment["LD_PRELOAD"] =
        path("lib\(name).so") + (environment["LD_PRELOAD"].map { ":\($0)" } ?? "")
    }
    if transport == .pty { preload("pty-shim") }
    if let room {
      preload("disk-shim")
      environment["DISK_SHIM_PATH"] = ".saltire"
      environment["DISK_SHIM_FULL_AFTER"] = "\(room)"
    }
    var ends: [Int32] = [-1, -1]
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    guard pipe(&ends) == 0 else {
      throw CampaignFailure(description: "cannot create a pipe: errno \(errno)")
    }
    defer { close(ends[1]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    terminal = isOnTerminal ? try CampaignTerminal() : nil
    if let terminal {
      for stream in STDIN_FILENO...STDERR_FILENO {
        posix_spawn_file_actions_addopen(&actions, stream, terminal.path, O_RDWR | O_NOCTTY, 0)
      }
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
      posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
    }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var words = ([path("saltire")] + arguments).map { strdup($0) } + [nil]
    var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + settings { free(word) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, words[0]!, &actions, &attributes, &words, &settings)
    guard failure == 0 else { throw CampaignFailure(description: "no process: \(failure)") }
    id = process
    errors = ends[0]
    terminal?.begin()
  }

  deinit { close(errors) }

  /// Its guardian; nil if it has none.
  var guardian: pid_t? {
    let tasks = "/proc/\(id)/task"
    return ((try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []).lazy
      .compactMap { try? String(contentsOfFile: "\(tasks)/\($0)/children", encoding: .utf8) }
      .flatMap { $0.split(separator: " ").compactMap { pid_t($0) } }.first
  }

  /// Freezes its terminal: with Ctrl-S, or by not reading it.
  func freeze(isUnread: Bool) { terminal?.freeze(isUnread: isUnread) }

  var isRunning: Bool {
    if status == nil { wait(WNOHANG) }
    return status == nil
  }

  /// Waits for its end.
  ///
  /// - Returns: whether it ended in time.
  func ends(within seconds: Double) -> Bool {
    let last = HostTime.monotonic + seconds
    while isRunning {
      if HostTime.monotonic > last { return false }
      HostTime.block(0.001)
    }
    return true
  }

  /// Its status after it and its guardian have ended; signals are negative.
  func end() -> Int32 {
    if let terminal {
      while status == nil { wait(0) }
      // Reading the terminal unblocks a guardian that waits to write.
      told += terminal.end()
      return status ?? 0
    }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(errors, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      told += String(decoding: bytes.prefix(count), as: UTF8.self)
    }
    while status == nil { wait(0) }
    return status ?? 0
  }

  private func wait(_ options: Int32) {
    var raw: Int32 = 0
    guard waitpid(id, &raw, options) == id else { return }
    status = raw & 0x7F == 0 ? raw >> 8 & 0xFF : -(raw & 0x7F)
  }

  /// The first line with an error.
  var reason: String? {
    told.split(separator: "\n").first { $0.hasPrefix("error:") }.map(String.init)
  }
}

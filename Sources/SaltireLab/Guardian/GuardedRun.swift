internal import Foundation
internal import SaltireCore
internal import Synchronization

/// A guardian as the process that it watches has it: another process that
/// makes the bench's outputs safe when this one dies or hangs.
///
/// Beats come from a thread of their own, as long as tasks are run too: a
/// process that is stopped falls silent, and so does one whose tasks all hang.
public final class GuardedRun: Sendable {
  private let descriptor: Mutex<Int32>
  private let process: pid_t
  private let lastTask = Mutex(HostTime.monotonic)
  private let onLoss: @Sendable () -> Void

  /// Seconds for the guardian to begin, to take what it is told, and to go.
  private static let patience = 10.0
  /// Tasks that have not run for so long, in seconds, will not.
  private static let longestTask = 120.0

  /// Starts the guardian and waits until it watches.
  ///
  /// - Parameters:
  ///   - plan: what it must know.
  ///   - program: what is started, with its arguments.
  ///   - onLoss: called when the guardian has died.
  /// - Throws: ``BenchError/guardian(_:)`` where it does not begin.
  public init(
    _ plan: GuardianPlan, program: [String], onLoss: @escaping @Sendable () -> Void
  ) throws(BenchError) {
    var down: [Int32] = [-1, -1]
    var up: [Int32] = [-1, -1]
    guard pipe(&down) == 0, pipe(&up) == 0 else {
      throw .guardian("no pipe: \(String(cString: strerror(errno)))")
    }
    defer { for end in [down[0], up[0], up[1]] { close(end) } }
    // One that hangs must not make this process hang with it.
    _ = fcntl(down[1], F_SETFL, O_NONBLOCK)
    descriptor = Mutex(down[1])
    self.onLoss = onLoss
    process = try Self.spawn(program, input: down[0], output: up[1])
    // A guardian that is gone must not end this process by a signal.
    signal(SIGPIPE, SIG_IGN)
    let text = Array(JSONText.encode(plan).utf8)
    var size = UInt64(text.count).littleEndian
    let header = withUnsafeBytes(of: &size) { Array($0) }
    guard write(header + text), Self.hears(up[0]) else {
      // Nothing is energised yet: there is nothing that it could take over.
      kill(process, SIGKILL)
      end()
      throw .guardian("it does not answer")
    }
  }

  /// Begins to beat, so often that a silence is no accident.
  ///
  /// A crash ends this process at once from now on: Swift's report of it takes
  /// seconds, with whatever pulse was under way.
  public func begin(silence: Double) {
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] { signal(number, SIG_DFL) }
    let beating = Thread { [self] in
      while write([GuardianSignal.beat]) {
        repeat {
          HostTime.block(silence / 5)
        } while HostTime.monotonic - lastTask.withLock({ $0 }) > Self.longestTask
      }
      if isOpen {
        end()
        onLoss()
      }
    }
    beating.name = "guardian"
    beating.start()
    Task.detached { [weak self] in
      while let self, self.isOpen {
        self.lastTask.withLock { $0 = HostTime.monotonic }
        await HostTime.pause(1)
      }
    }
  }

  /// Lets the guardian go: the outputs are safe.
  public func release() {
    _ = write([GuardianSignal.release])
    end()
  }

  private var isOpen: Bool { descriptor.withLock { $0 >= 0 } }

  private func write(_ bytes: [UInt8]) -> Bool {
    descriptor.withLock { descriptor in
      guard descriptor >= 0 else { return false }
      var rest = bytes[...]
      while !rest.isEmpty {
        guard Self.waits(for: POLLOUT, on: descriptor) else { return false }
        let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  /// Closes the pipe and takes leave of the process.
  private func end() {
    let wasOpen = descriptor.withLock { descriptor in
      defer { descriptor = -1 }
      if descriptor >= 0 { close(descriptor) }
      return descriptor >= 0
    }
    guard wasOpen else { return }
    let last = HostTime.monotonic + Self.patience
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0, HostTime.monotonic < last {
      HostTime.block(0.001)
    }
  }

  private static func hears(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    return waits(for: POLLIN, on: descriptor) && read(descriptor, &byte, 1) == 1
      && byte == GuardianSignal.ready
  }

  /// Whether a pipe is ready within the patience that there is with its other end.
  private static func waits(for event: Int32, on descriptor: Int32) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    var count: Int32
    repeat {
      count = Foundation.poll(&poll, 1, Int32(patience * 1000))
    } while count < 0 && errno == EINTR
    return count == 1
  }

  private static func spawn(
    _ program: [String], input: Int32, output: Int32
  ) throws(BenchError) -> pid_t {
    // Nothing of this process's stays open in it, whoever opened that: ports are
    // exclusive, and outlive who holds them.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
      if let descriptor = Int32(name), descriptor > STDERR_FILENO {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      }
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    var arguments = program.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, program[0], &actions, nil, &arguments, environ)
    guard failure == 0 else {
      throw .guardian("\(program[0]): \(String(cString: strerror(failure)))")
    }
    return process
  }
}

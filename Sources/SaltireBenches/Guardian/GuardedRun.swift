import Foundation
import SaltireCore
public import SaltireInstruments
public import SaltirePrograms
import SaltireRecords
import Synchronization

/// The guardian of this process: another process that makes the bench's outputs safe if this one
/// dies or hangs.
///
/// A separate thread sends heartbeats as long as the run keeps to its announced waits: a stopped
/// process sends none, and neither does one that waits longer than announced. The guardian answers
/// each heartbeat, so a hung guardian is noticed too.
public final class GuardedRun: Sendable {
  /// How the guardian was lost.
  public enum Loss: String, Sendable {
    case died = "its guardian died"
    case silent = "its guardian stopped responding"
  }

  private struct State {
    /// The file descriptors of its pipes; -1 when closed.
    var down: Int32
    var up: Int32
    var isSilent = false
  }

  private let state: Mutex<State>
  private let process: pid_t
  private let onLoss: @Sendable (Loss) -> Void

  /// Seconds for the guardian to start, to accept its plan, and to exit.
  private static let patience = 10.0
  /// The shortest time without a reply that cannot be explained by load, in seconds.
  private static let leastSilence = 3.0

  /// Starts the guardian and waits until it is ready.
  ///
  /// - Parameters:
  ///   - plan: the plan for the guardian.
  ///   - program: the program to start, with its arguments.
  ///   - lock: the rig lock, which the guardian holds too.
  ///   - onLoss: called if the guardian is lost.
  /// - Throws: ``GuardianFailure`` if it does not start.
  public init(
    _ plan: GuardianPlan, program: [String], lock: RigLock? = nil,
    onLoss: @escaping @Sendable (Loss) -> Void
  ) throws(BenchError) {
    var down: [Int32] = [-1, -1]
    var up: [Int32] = [-1, -1]
    guard pipe(&down) == 0, pipe(&up) == 0 else {
      throw .failed(GuardianFailure("cannot create a pipe: \(String(cString: strerror(errno)))"))
    }
    defer { for end in [down[0], up[1]] { close(end) } }
    // Non-blocking, so that neither process can hang the other.
    for end in [down[1], up[0], up[1]] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    state = Mutex(State(down: down[1], up: up[0]))
    self.onLoss = onLoss
    process = try Self.spawn(
      program, input: down[0], keeping: [up[1]] + (lock?.descriptors ?? []))
    // A lost guardian must not end this process with SIGPIPE.
    signal(SIGPIPE, SIG_IGN)
    var plan = plan
    plan.answers = up[1]
    let text = Array(JSONText.encode(plan).utf8)
    var size = UInt64(text.count).littleEndian
    let header = withUnsafeBytes(of: &size) { Array($0) }
    guard write(header + text), Self.hears(up[0]) else {
      // Nothing is energised yet, so there is nothing to take over.
      state.withLock { $0.isSilent = true }
      end()
      throw .failed(GuardianFailure("it does not respond"))
    }
  }

  /// Starts the heartbeats, at a rate that makes an accidental gap impossible.
  ///
  /// From now on a crash ends this process at once: Swift's backtrace takes seconds, during which a
  /// pulse would continue.
  ///
  /// - Parameters:
  ///   - silence: seconds without a heartbeat after which the guardian takes over.
  ///   - stepping: tells whether this process keeps to its announced waits.
  public func begin(silence: Double, _ stepping: Stepping) {
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] { signal(number, SIG_DFL) }
    let beating = Thread { [self] in
      var lastAnswer = HostTime.monotonic
      while isOpen {
        if !stepping.isOverdue { beat() }
        HostTime.block(silence / 5)
        switch answered() {
        case nil:
          if isOpen { lose(.died) }
          return
        case true?: lastAnswer = HostTime.monotonic
        case false?:
          if HostTime.monotonic - lastAnswer > max(2 * silence, Self.leastSilence) {
            return lose(.silent)
          }
        }
      }
    }
    beating.name = "heartbeat"
    beating.start()
  }

  /// Releases the guardian: the outputs are safe.
  public func release() {
    _ = write([GuardianSignal.release])
    end()
  }

  private func lose(_ loss: Loss) {
    state.withLock { $0.isSilent = true }
    onLoss(loss)
  }

  private var isOpen: Bool { state.withLock { $0.down >= 0 } }

  /// Does not wait: a full pipe means that the guardian does not read.
  private func beat() {
    state.withLock { state in
      var byte = GuardianSignal.beat
      if state.down >= 0 { _ = Foundation.write(state.down, &byte, 1) }
    }
  }

  /// Whether the guardian has answered since the last call; nil if it exited.
  private func answered() -> Bool? {
    state.withLock { state in
      guard state.up >= 0 else { return nil }
      var bytes = [UInt8](repeating: 0, count: 256)
      let count = read(state.up, &bytes, bytes.count)
      if count > 0 { return true }
      return count < 0 && (errno == EAGAIN || errno == EINTR) ? false : nil
    }
  }

  private func write(_ bytes: [UInt8]) -> Bool {
    state.withLock { state in
      guard state.down >= 0 else { return false }
      var rest = bytes[...]
      while !rest.isEmpty {
        guard !state.isSilent, Self.waits(for: POLLOUT, on: state.down) else { return false }
        let count = rest.withUnsafeBytes { Foundation.write(state.down, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  /// Closes the pipes and waits for the process to exit; kills it otherwise, because it would keep
  /// the rig lock.
  private func end() {
    let (wasOpen, isSilent) = state.withLock { state in
      defer { (state.down, state.up) = (-1, -1) }
      for descriptor in [state.down, state.up] where descriptor >= 0 { close(descriptor) }
      return (state.down >= 0, state.isSilent)
    }
    guard wasOpen else { return }
    if isSilent { kill(process, SIGKILL) }
    let last = HostTime.monotonic + Self.patience
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      guard HostTime.monotonic < last else {
        kill(process, SIGKILL)
        return
      }
      HostTime.block(0.001)
    }
    // After it exited, its process id may belong to another process, so it is not killed.
  }

  private static func hears(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    return waits(for: POLLIN, on: descriptor) && read(descriptor, &byte, 1) == 1
      && byte == GuardianSignal.ready
  }

  /// Whether a pipe becomes ready in time.
  private static func waits(for event: Int32, on descriptor: Int32) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    var count: Int32
    repeat {
      count = Foundation.poll(&poll, 1, Int32(patience * 1000))
    } while count < 0 && errno == EINTR
    return count == 1
  }

  private static func spawn(
    _ program: [String], input: Int32, keeping kept: [Int32]
  ) throws(BenchError) -> pid_t {
    // Open files of this process must not stay open in the guardian: ports are exclusive.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
      if let descriptor = Int32(name), descriptor > STDERR_FILENO {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      }
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    // A reader of standard output would wait until the guardian exits.
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    // A descriptor duplicated to itself stays open (posix_spawn(3)).
    for descriptor in kept { posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor) }
    var arguments = program.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, program[0], &actions, nil, &arguments, environ)
    guard failure == 0 else {
      throw .failed(GuardianFailure("\(program[0]): \(String(cString: strerror(failure)))"))
    }
    return process
  }
}

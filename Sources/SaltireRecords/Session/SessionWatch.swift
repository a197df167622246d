import Foundation
import SaltireCore
import Synchronization

/// Looks several times a second whether the files of a session that is written are
/// still there, and still its own: SQLite goes on writing into files that have been
/// deleted.
final class SessionWatch: Sendable {
  /// What became of the session.
  struct Loss: Sendable {
    var error: SessionError
    /// Whether what was written until then can still be read by who has it open.
    var isReadable: Bool
  }

  /// A file as it was when last seen.
  private struct Sight {
    var device: dev_t
    var inode: ino_t
    var size: off_t

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (device, inode, size) = (status.st_dev, status.st_ino, status.st_size)
    }

    func isSame(as other: Sight) -> Bool { device == other.device && inode == other.inode }
  }

  private struct State {
    var file: Sight?
    var log: Sight?
    var lastSeen = HostTime.date
    var loss: Loss?
    var isEnded = false
    var onLoss: (@Sendable () -> Void)?
  }

  private let url: URL
  /// Bytes that its file has and keeps, some of them alone, and where they are in it.
  private let marks: [(bytes: [UInt8], place: Int)]
  private let lock: SessionLock
  private let state: Mutex<State>
  /// Held from what is seen until it is judged: a file that grows would seem to
  /// shrink to whoever saw it first and judged last.
  private let looking = Mutex(())

  /// Seconds between two looks.
  private static let interval = 0.2
  /// Bytes that every file of SQLite begins with.
  private static let headed = 16
  /// Bytes of a file that its manifest is looked for in.
  private static let searched = 1 << 20
  /// Bytes left on a disk that count as none.
  private static let leastRoom = 1 << 20

  /// - Parameters:
  ///   - lock: held on it.
  ///   - id: of the session, where it has one.
  init(_ url: URL, _ lock: SessionLock, id: String?) {
    self.url = url
    self.lock = lock
    state = Mutex(State(file: Sight(url.path), log: Sight(url.path + "-wal")))
    let bytes = Array((id ?? "").utf8)
    let content = lock.bytes(at: 0, count: Self.searched)
    var marks = [(Array(content.prefix(Self.headed)), 0)]
    if !bytes.isEmpty, let place = content.firstRange(of: bytes)?.lowerBound {
      marks.append((bytes, place))
    }
    self.marks = marks
  }

  /// Begins to look.
  ///
  /// - Parameter onLoss: called once, when something has become of the session.
  func begin(onLoss: @escaping @Sendable () -> Void) {
    state.withLock { $0.onLoss = onLoss }
    let thread = Thread { [weak self] in
      while self?.look() == true { HostTime.block(Self.interval) }
    }
    thread.name = "session watch"
    thread.start()
  }

  /// From now on it may go.
  func end() { state.withLock { $0.isEnded = true } }

  /// What became of the session; nil while it is there.
  var loss: Loss? { state.withLock { $0.loss } }

  /// Looks once.
  ///
  /// - Returns: whether it is to be looked at again.
  func look() -> Bool {
    looking.withLock { _ in judge() }?()
    return state.withLock { !$0.isEnded && $0.loss == nil }
  }

  /// - Returns: what is to be called, where something has become of the session.
  private func judge() -> (@Sendable () -> Void)? {
    // The disk is asked outside the lock of the state: it may not answer.
    let seen = (file: Sight(url.path), log: Sight(url.path + "-wal"), date: HostTime.date)
    let isMarked = isMarked
    let isFull = Disk(of: url.deletingLastPathComponent()).room < Self.leastRoom
    return state.withLock { state in
      guard !state.isEnded, state.loss == nil else { return nil }
      guard let (reason, isReadable) = Self.change(state, seen.file, seen.log, isMarked) else {
        (state.file, state.log, state.lastSeen) = seen
        if isFull {
          state.loss = Loss(
            error: .storage(path: url.path, reason: "the disk is full"), isReadable: true)
          return state.onLoss
        }
        return nil
      }
      state.loss = Loss(
        error: .lost(path: url.path, reason: reason, since: state.lastSeen),
        isReadable: isReadable)
      return state.onLoss
    }
  }

  private static func change(
    _ state: State, _ file: Sight?, _ log: Sight?, _ isMarked: Bool
  ) -> (reason: String, isReadable: Bool)? {
    guard let before = state.file, let logBefore = state.log else { return nil }
    guard let file else { return ("it was deleted or moved", true) }
    guard file.isSame(as: before) else { return ("another file is in its place", true) }
    guard file.size >= before.size else { return ("it was truncated", false) }
    guard isMarked else { return ("it was overwritten", false) }
    guard let log else { return ("its log was deleted or moved", true) }
    guard log.isSame(as: logBefore) else { return ("another file is in place of its log", true) }
    guard log.size >= logBefore.size else { return ("its log was truncated", false) }
    return nil
  }

  private var isMarked: Bool {
    marks.allSatisfy { lock.bytes(at: $0.place, count: $0.bytes.count) == $0.bytes }
  }
}

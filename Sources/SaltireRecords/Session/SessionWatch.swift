import Foundation
import SaltireCore
import Synchronization

/// Checks several times a second that the files of a session in progress still exist and are
/// unchanged by others: SQLite goes on writing into deleted files.
final class SessionWatch: Sendable {
  /// How the session was lost.
  struct Loss: Sendable {
    var error: SessionError
    /// Whether this process can still read what was written before.
    var isReadable: Bool
  }

  /// The observed state of a file.
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
  /// Byte ranges of the file that never change and identify it, with their positions.
  private let marks: [(bytes: [UInt8], place: Int)]
  private let lock: SessionLock
  private let state: Mutex<State>
  /// Held from observation to judgement. Otherwise a growing file could appear to shrink when two
  /// observations are judged in the wrong order.
  private let looking = Mutex(())

  /// Seconds between two checks.
  private static let interval = 0.2
  /// Length of the header of every SQLite file, in bytes.
  private static let headed = 16
  /// The part of the file that is searched for the manifest, in bytes.
  private static let searched = 1 << 20
  /// A disk with fewer free bytes counts as full.
  private static let leastRoom = 1 << 20

  /// - Parameters:
  ///   - lock: the lock on the session.
  ///   - id: the id of the session, if it has one.
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

  /// Starts the checks.
  ///
  /// - Parameter onLoss: called once if the session is lost.
  func begin(onLoss: @escaping @Sendable () -> Void) {
    state.withLock { $0.onLoss = onLoss }
    let thread = Thread { [weak self] in
      while self?.look() == true { HostTime.block(Self.interval) }
    }
    thread.name = "session watch"
    thread.start()
  }

  /// Ends the checks: the files may be removed.
  func end() { state.withLock { $0.isEnded = true } }

  /// How the session was lost; nil if it was not.
  var loss: Loss? { state.withLock { $0.loss } }

  /// Checks once.
  ///
  /// - Returns: whether to continue checking.
  func look() -> Bool {
    looking.withLock { _ in judge() }?()
    return state.withLock { !$0.isEnded && $0.loss == nil }
  }

  /// - Returns: the callback to call if the session was lost.
  private func judge() -> (@Sendable () -> Void)? {
    // Accesses the disk without the state lock, because the disk may not respond.
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
    guard file.isSame(as: before) else { return ("another file replaced it", true) }
    guard file.size >= before.size else { return ("it was truncated", false) }
    guard isMarked else { return ("it was overwritten", false) }
    guard let log else { return ("its write-ahead log was deleted or moved", true) }
    guard log.isSame(as: logBefore) else {
      return ("another file replaced its write-ahead log", true)
    }
    guard log.size >= logBefore.size else { return ("its write-ahead log was truncated", false) }
    return nil
  }

  private var isMarked: Bool {
    marks.allSatisfy { lock.bytes(at: $0.place, count: $0.bytes.count) == $0.bytes }
  }
}

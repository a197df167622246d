import Foundation
import SaltireRecords

/// The lock file of one address: one text line for each holder and for each request to switch the
/// outputs off.
///
/// Any user may write to it. Its contents are only displayed, or end a run, which makes the outputs
/// safe; they never start, signal or energise anything.
final class LockFile: Sendable {
  let descriptor: Int32
  private let address: CanonicalAddress

  private enum Line: Codable {
    case holder(RigLock.Holder)
    case off(RigLock.Holder)
  }

  /// The maximum number of bytes that are read.
  private static let longest = 1 << 16

  /// - Parameter isMade: whether to create the file if it does not exist.
  init(
    _ address: CanonicalAddress, in folder: String, isMade: Bool = true
  ) throws(RigLockError) {
    self.address = address
    let path = "\(folder)/\(address.fileName)"
    // In a world-writable folder, O_CREAT fails for a file of another user (fs.protected_regular in
    // proc_sys_fs(5)).
    let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    var opened = open(path, flags)
    for _ in 0..<3 where opened < 0 && errno == ENOENT && isMade {
      opened = open(path, flags | O_CREAT | O_EXCL, 0o666)
      // Independent of the umask: other users write to it too.
      if opened >= 0 { fchmod(opened, 0o666) } else { opened = open(path, flags) }
    }
    var facts = stat()
    guard opened >= 0, fstat(opened, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      let reason = opened < 0 ? String(cString: strerror(errno)) : "it is not a regular file"
      if opened >= 0 { close(opened) }
      throw .unusable(path: path, reason: reason)
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Creates the folder that all users share.
  static func makeFolder(_ folder: String) throws(RigLockError) {
    // Small systems lack the parent folder.
    try? FileManager.default.createDirectory(
      at: URL(fileURLWithPath: folder).deletingLastPathComponent(),
      withIntermediateDirectories: true)
    if mkdir(folder, 0o1777) == 0 { chmod(folder, 0o1777) }
    var facts = stat()
    guard lstat(folder, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
      throw .unusable(path: folder, reason: "the folder does not exist and cannot be created")
    }
  }

  /// - Returns: whether this process now holds the lock.
  func lock() throws(RigLockError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EWOULDBLOCK: return false
      case EINTR: continue
      default: throw .unusable(path: "\(address)", reason: String(cString: strerror(errno)))
      }
    }
    return true
  }

  /// - Parameter isAnew: whether to remove the lines of former holders.
  func write(_ holder: RigLock.Holder, isAnew: Bool = true) {
    if isAnew { ftruncate(descriptor, 0) }
    write(.holder(holder))
  }

  func request(by asker: RigLock.Holder) { write(.off(asker)) }

  /// The holder, according to the last line.
  var holder: RigLock.Holder? {
    lines.compactMap { if case .holder(let holder) = $0 { holder } else { nil } }.last
  }

  /// The process that requested the outputs to be switched off.
  var request: RigLock.Holder? {
    lines.lazy.compactMap { if case .off(let asker) = $0 { asker } else { nil } }.first
  }

  private func write(_ line: Line) {
    let bytes = Array((JSONText.encode(line) + "\n").utf8)
    _ = Foundation.write(descriptor, bytes, bytes.count)
  }

  private var lines: [Line] {
    var bytes = [UInt8](repeating: 0, count: Self.longest)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return bytes.prefix(max(count, 0)).split(separator: 10).compactMap {
      JSONText.decode(Line.self, from: String(decoding: $0, as: UTF8.self))
    }
  }
}

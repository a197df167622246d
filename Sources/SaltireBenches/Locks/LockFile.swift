import Foundation
import SaltireRecords

/// The file that stands for one address: a line each for who holds it, and for who asks that
/// its outputs be switched off.
///
/// Anybody may write to it. What is in it is told, and can end a run, which makes the
/// outputs safe; it starts, signals and energises nothing.
final class LockFile: Sendable {
  let descriptor: Int32
  private let address: CanonicalAddress

  private enum Line: Codable {
    case holder(RigLock.Holder)
    case off(RigLock.Holder)
  }

  /// Bytes of it that are read.
  private static let longest = 1 << 16

  /// - Parameter isMade: whether one is made where there is none.
  init(
    _ address: CanonicalAddress, in folder: String, isMade: Bool = true
  ) throws(RigLockError) {
    self.address = address
    let path = "\(folder)/\(address.fileName)"
    // In a folder that all may write to, opening with O_CREAT what another user made is
    // refused (fs.protected_regular in proc_sys_fs(5)).
    let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    var opened = open(path, flags)
    for _ in 0..<3 where opened < 0 && errno == ENOENT && isMade {
      opened = open(path, flags | O_CREAT | O_EXCL, 0o666)
      // Past the mask: other users write to it too.
      if opened >= 0 { fchmod(opened, 0o666) } else { opened = open(path, flags) }
    }
    var facts = stat()
    guard opened >= 0, fstat(opened, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      let reason = opened < 0 ? String(cString: strerror(errno)) : "it is no plain file"
      if opened >= 0 { close(opened) }
      throw .unusable(path: path, reason: reason)
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Makes the folder that all users share.
  static func makeFolder(_ folder: String) throws(RigLockError) {
    // Small systems come without the folder of locks.
    try? FileManager.default.createDirectory(
      at: URL(fileURLWithPath: folder).deletingLastPathComponent(),
      withIntermediateDirectories: true)
    if mkdir(folder, 0o1777) == 0 { chmod(folder, 0o1777) }
    var facts = stat()
    guard lstat(folder, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
      throw .unusable(path: folder, reason: "there is no such folder, and it cannot be made")
    }
  }

  /// - Returns: whether it is this process's from now on, and was nobody's.
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

  /// - Parameter isAnew: whether what former holders left is removed.
  func write(_ holder: RigLock.Holder, isAnew: Bool = true) {
    if isAnew { ftruncate(descriptor, 0) }
    write(.holder(holder))
  }

  func request(by asker: RigLock.Holder) { write(.off(asker)) }

  /// Who holds it, as the last that took it says.
  var holder: RigLock.Holder? {
    lines.compactMap { if case .holder(let holder) = $0 { holder } else { nil } }.last
  }

  /// Who asked that the outputs be switched off.
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

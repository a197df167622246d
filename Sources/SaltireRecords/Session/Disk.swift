public import Foundation

/// The disk of a session's folder.
public struct Disk {
  /// Free bytes; `Int.max` if unknown.
  public var room: Int
  /// The type of its file system; empty if unknown.
  var kind: String

  /// Minimum free bytes for a session: with less, the disk is practically full.
  public static let leastRoom = 32 << 20
  /// Free bytes that a long run may need.
  public static let ampleRoom = 1 << 30

  init(room: Int, kind: String) {
    self.room = room
    self.kind = kind
  }

  /// The disk of `folder`. If it cannot be queried, nothing is assumed to be wrong; writing will
  /// tell.
  public init(of folder: URL) {
    var system = statvfs()
    room =
      statvfs(folder.path, &system) == 0
      ? Int(clamping: UInt64(system.f_bavail)).multipliedReportingOverflow(
        by: Int(system.f_frsize)
      ).partialValue : .max
    // Reads to the end: files in /proc report no length, and a single read may return only a part.
    let file = FileHandle(forReadingAtPath: "/proc/self/mounts")
    let mounts = String(decoding: file?.readDataToEndOfFile() ?? Data(), as: UTF8.self)
    kind = Self.kind(at: folder.resolvingSymlinksInPath().path, mounts: mounts)
  }

  /// The type of the file system mounted at `path`.
  ///
  /// - Parameter mounts: text lines in the format of proc_mounts(5): source, mount point, type, …
  static func kind(at path: String, mounts: String) -> String {
    var best = (length: -1, kind: "")
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2 else { continue }
      // Spaces in paths are octal escapes.
      let place = fields[1].replacingOccurrences(of: "\\040", with: " ")
      let isAbove = place == "/" || path == place || path.hasPrefix(place + "/")
      // Of several mounts at the same point, the last is visible.
      if isAbove, place.count >= best.length { best = (place.count, String(fields[2])) }
    }
    return best.kind
  }

  /// Why a persistent file would not be safe on this disk; nil if it would.
  ///
  /// - Parameter what: the kind of file, such as "session".
  func refusal(of what: String) -> String? {
    if Self.networks.contains(where: kind.hasPrefix) {
      return "it is on a network file system (\(kind)), where SQLite cannot write safely; keep the"
        + " \(what) on a local disk and copy it afterwards"
    }
    guard room >= Self.leastRoom else {
      return
        "its disk has \(room >> 20) MiB free; a \(what) needs at least \(Self.leastRoom >> 20) MiB"
    }
    return nil
  }

  /// Creates `folder` and its parents.
  ///
  /// - Returns: the folder and the parents of all created folders: syncing them makes the name of a
  ///   new file durable.
  /// - Throws: errors of the file system.
  static func makeFolders(_ folder: URL) throws -> [URL] {
    var holders = [folder]
    var missing = folder.standardizedFileURL
    while !FileManager.default.fileExists(atPath: missing.path), missing.path != "/" {
      missing.deleteLastPathComponent()
      holders.append(missing)
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return holders
  }

  /// Syncs the entries of `folder` to the disk.
  ///
  /// - Throws: `POSIXError`.
  static func sync(_ folder: URL) throws {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    defer { close(descriptor) }
    // Some file systems do not support fsync of a folder.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
  }

  /// Prefixes of network file system types.
  private static let networks = [
    "nfs", "cifs", "smb", "9p", "ceph", "afs", "coda", "fuse.sshfs", "fuse.glusterfs", "lustre",
  ]
}

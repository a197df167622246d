public import Foundation

/// What a session's folder is on.
public struct Disk {
  /// Bytes that the user may still write; `Int.max` where nobody says.
  public var room: Int
  /// The kind of its file system; empty where nobody says.
  var kind: String

  /// Bytes that a session should find: less is full before anything is known.
  public static let leastRoom = 32 << 20
  /// Bytes that a long run may need.
  public static let ampleRoom = 1 << 30

  init(room: Int, kind: String) {
    self.room = room
    self.kind = kind
  }

  /// What `folder` is on; of one that cannot be asked nothing bad is known, and
  /// writing says more.
  public init(of folder: URL) {
    var system = statvfs()
    room =
      statvfs(folder.path, &system) == 0
      ? Int(clamping: UInt64(system.f_bavail)).multipliedReportingOverflow(
        by: Int(system.f_frsize)
      ).partialValue : .max
    // To its end: files of the kernel have no length, and reading one as a whole
    // may stop at its first piece.
    let file = FileHandle(forReadingAtPath: "/proc/self/mounts")
    let mounts = String(decoding: file?.readDataToEndOfFile() ?? Data(), as: UTF8.self)
    kind = Self.kind(at: folder.resolvingSymlinksInPath().path, mounts: mounts)
  }

  /// The kind of the file system that is mounted nearest above `path`.
  ///
  /// - Parameter mounts: lines of proc_mounts(5): what, where, kind, …
  static func kind(at path: String, mounts: String) -> String {
    var best = (length: -1, kind: "")
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2 else { continue }
      // Spaces in paths are written in octal.
      let place = fields[1].replacingOccurrences(of: "\\040", with: " ")
      let isAbove = place == "/" || path == place || path.hasPrefix(place + "/")
      // Of what is mounted over another the last is seen.
      if isAbove, place.count >= best.length { best = (place.count, String(fields[2])) }
    }
    return best.kind
  }

  /// Why a file that must last would not be safe on it; nil where it would.
  ///
  /// - Parameter what: the file is, as in "session".
  func refusal(of what: String) -> String? {
    if Self.networks.contains(where: kind.hasPrefix) {
      return "it is on a network file system (\(kind)), where SQLite cannot keep what it has"
        + " written; keep the \(what) on a disk of this machine, and copies of it elsewhere"
    }
    guard room >= Self.leastRoom else {
      return "its disk has \(room >> 20) MiB left, and a \(what) should find"
        + " \(Self.leastRoom >> 20)"
    }
    return nil
  }

  /// Makes `folder` and those above it.
  ///
  /// - Returns: it, and the folders that got a new one in them: what is to be
  ///   synced for a new file in it to have its name.
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

  /// Has the names in `folder` on the disk.
  ///
  /// - Throws: `POSIXError`.
  static func sync(_ folder: URL) throws {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    defer { close(descriptor) }
    // Some file systems have no such thing.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
  }

  /// Beginnings of the kinds that are not on this machine.
  private static let networks = [
    "nfs", "cifs", "smb", "9p", "ceph", "afs", "coda", "fuse.sshfs", "fuse.glusterfs", "lustre",
  ]
}

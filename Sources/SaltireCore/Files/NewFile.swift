public import Foundation

/// Creates files without following symbolic links.
public enum NewFile {
  /// Creates an empty file with an unpredictable name in `folder`, to be renamed when it is
  /// complete.
  ///
  /// - Returns: its URL.
  /// - Throws: ``FileFailure``.
  public static func draft(in folder: URL) throws(FileFailure) -> URL {
    while true {
      let draft = folder.appendingPathComponent(".\(UUID().uuidString).saltire-draft")
      let descriptor = open(
        draft.path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0o644)
      if descriptor >= 0 {
        close(descriptor)
        return draft
      }
      guard errno == EEXIST else { throw FileFailure(path: draft.path, errno: errno) }
    }
  }

  /// Writes a file atomically, replacing an existing one.
  ///
  /// - Throws: ``FileFailure``.
  public static func write(_ content: some Sequence<UInt8>, to url: URL) throws(FileFailure) {
    let draft = try draft(in: url.deletingLastPathComponent())
    do throws(FileFailure) {
      try fill(draft, with: Array(content))
      guard rename(draft.path, url.path) == 0 else {
        throw FileFailure(path: url.path, errno: errno)
      }
    } catch {
      unlink(draft.path)
      throw FileFailure(path: url.path, errno: error.errno)
    }
  }

  private static func fill(_ draft: URL, with content: [UInt8]) throws(FileFailure) {
    let descriptor = open(draft.path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFailure(path: draft.path, errno: errno) }
    defer { close(descriptor) }
    var rest = content[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileFailure(path: draft.path, errno: errno) }
      rest = rest.dropFirst(count)
    }
    // The content must be on disk before the rename, in case of a power failure.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw FileFailure(path: draft.path, errno: errno)
    }
  }
}

/// An error of the file system.
public struct FileFailure: LocalizedError, Equatable {
  public let path: String
  public let errno: Int32

  public init(path: String, errno: Int32) {
    self.path = path
    self.errno = errno
  }

  /// The text of the C library.
  public var reason: String { String(cString: strerror(errno)) }

  public var errorDescription: String? { "cannot write \(path): \(reason)" }
}

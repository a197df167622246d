public import Foundation

/// Files that this program makes: through no link that somebody put in their place.
public enum NewFile {
  /// Makes an empty file in `folder` whose name nobody can tell beforehand, for what takes
  /// another name when it is whole.
  ///
  /// - Returns: its place.
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

  /// Writes a file, as a whole or not at all, in place of what has its name.
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
    // Its name comes after its content, whenever the power fails.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw FileFailure(path: draft.path, errno: errno)
    }
  }
}

/// What the file system refused.
public struct FileFailure: LocalizedError, Equatable {
  public let path: String
  public let errno: Int32

  public init(path: String, errno: Int32) {
    self.path = path
    self.errno = errno
  }

  /// In the words of the C library.
  public var reason: String { String(cString: strerror(errno)) }

  public var errorDescription: String? { "cannot write \(path): \(reason)" }
}

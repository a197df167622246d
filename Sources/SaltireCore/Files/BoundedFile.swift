import Foundation

/// Reads whole files up to a size limit, so that a huge file cannot fill the memory.
public enum BoundedFile {
  /// Why a file cannot be read.
  public enum Refusal: Error, Equatable {
    case unreadable(path: String)
    case tooLong(path: String, limit: Int)
    case notText(path: String)

    public var message: String { message(calling: nil) }

    /// The message with another name for the file.
    public func message(calling name: String?) -> String {
      switch self {
      case .unreadable(let path): "cannot read the file '\(name ?? path)'"
      case .tooLong(let path, let limit): "\(name ?? path) is longer than \(limit >> 20) MiB"
      case .notText(let path): "\(name ?? path) is not UTF-8 text"
      }
    }
  }

  /// The bytes of the file at `path`, at most `limit`.
  public static func bytes(_ path: String, limit: Int) throws(Refusal) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(path: path) }
      if count == 0 { return bytes }
      bytes += piece.prefix(count)
      guard bytes.count <= limit else { throw .tooLong(path: path, limit: limit) }
    }
  }

  /// The text in the file at `path`.
  public static func text(_ path: String, limit: Int) throws(Refusal) -> String {
    guard let text = String(validating: try bytes(path, limit: limit), as: UTF8.self) else {
      throw .notText(path: path)
    }
    return text
  }
}

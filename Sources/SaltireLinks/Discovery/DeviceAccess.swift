internal import Foundation

/// Whether a device can be opened, as far as can be told without trying.
public enum DeviceAccess: Sendable, Equatable {
  case free
  /// This user may not: what access(2) says.
  case denied
  /// A program has it open: its name, where it is this user's.
  case busy(by: String?)

  /// What holds for the device file `node`.
  init(node: String) {
    if access(node, R_OK | W_OK) != 0 {
      self = .denied
    } else if let name = Self.holder(of: node) {
      self = .busy(by: name)
    } else {
      self = .free
    }
  }

  /// The program that has a device file open, by what /proc shows this user;
  /// nil when none is seen. This process does not count.
  static func holder(of node: String) -> String? {
    let files = FileManager.default
    guard let processes = try? files.contentsOfDirectory(atPath: "/proc") else { return nil }
    for process in processes where Int32(process).map({ $0 != getpid() }) ?? false {
      let folder = "/proc/\(process)/fd"
      guard let open = try? files.contentsOfDirectory(atPath: folder) else { continue }
      for descriptor in open where linkTarget("\(folder)/\(descriptor)") == node {
        let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
        return "\(name?.trimmingCharacters(in: .newlines) ?? "a program") (process \(process))"
      }
    }
    return nil
  }

  /// What a symbolic link says; nil for what is none.
  static func linkTarget(_ path: String) -> String? {
    var target = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &target, target.count)
    guard count > 0 else { return nil }
    return String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

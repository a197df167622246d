import Foundation

/// Makes unique file names from arbitrary names.
public struct FileNames {
  /// Used names, in lower case, because some file systems ignore case.
  private var taken: Set<String>

  /// Maximum length, which leaves room for an extension and a number on every file system.
  private static let longest = 200

  /// - Parameter reserved: file names that are already used.
  public init(reserved: [String] = []) { taken = Set(reserved.map { $0.lowercased() }) }

  /// A file name for `name`, without an extension: characters that could leave the folder or
  /// confuse a shell become dashes, and a number makes a used name unique.
  public mutating func name(for name: String) -> String {
    let kept = name.unicodeScalars.map { scalar -> Character in
      let isKept =
        scalar.isASCII
        && (Character(scalar).isLetter || Character(scalar).isNumber
          || "-_.".unicodeScalars.contains(scalar))
      return isKept ? Character(scalar) : "-"
    }
    let safe = String(kept.drop { $0 == "." }.prefix(Self.longest))
    let base = safe.isEmpty ? "unnamed" : safe
    var candidate = base
    var number = 2
    while !taken.insert(candidate.lowercased()).inserted {
      candidate = "\(base)-\(number)"
      number += 1
    }
    return candidate
  }
}
